"""Dashboards as files: read strictly, asked of the metrics source, and written out for other programs."""
