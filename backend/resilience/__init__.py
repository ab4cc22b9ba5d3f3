"""Calls to others, made so that their trouble stays theirs: window, circuit, breaker, fleet, retry, deadline, fallback."""
