"""Tests of the pictures of charts."""
