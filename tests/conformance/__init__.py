"""The product's own code against published reference values: ``python -m tests.conformance KIND PATH``."""
