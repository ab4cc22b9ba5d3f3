"""Charts: what the sky looked like at one moment and place."""
