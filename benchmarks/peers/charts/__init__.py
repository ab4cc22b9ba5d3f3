"""Chart libraries to be measured beside ours, each with its pinned requirements."""
