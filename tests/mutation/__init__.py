"""Mutation testing of the circuits' rules: in Python with mutmut, in Lua with a small mutator of our own."""
