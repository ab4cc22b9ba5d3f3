"""The HTTP API of Prometheus in front of the embedded metrics store: a role of its own, so that a long query starves nobody."""
