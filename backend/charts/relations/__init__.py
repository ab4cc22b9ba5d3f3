"""Charts of two people, of two moments, and charts moved on in time."""
