"""The parts of the resilience benchmark: each measures one thing and knows nothing of the others."""
