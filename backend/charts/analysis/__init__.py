"""What can be read off a chart by rule alone."""
