"""PromQL queries that operators keep: what one asked before, and what was saved under a title, for oneself or for the team."""
