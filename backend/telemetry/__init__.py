"""What the product says about itself: log lines and metrics."""
