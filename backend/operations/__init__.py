"""What operators see of, and do to, running things."""
