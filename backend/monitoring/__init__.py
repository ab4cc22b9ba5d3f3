"""What we read back about ourselves: running processes, their figures, the newest requests."""
