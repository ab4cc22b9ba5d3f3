"""The calculation itself: a typed request in, a typed chart out."""
