"""Prometheus's rule files: read strictly, followed over our own store, written for a Prometheus."""
