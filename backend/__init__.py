"""The hardened backend of Astrolabe: chart engine, HTTP API, shared circuits, accounts, audit, monitoring."""
