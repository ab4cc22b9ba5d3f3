"""Log lines kept for a while and searched."""
