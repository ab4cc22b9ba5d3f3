"""Parts of the chart benchmark."""
