"""Answers kept to be given again: in this process, and in the store that all processes share."""
