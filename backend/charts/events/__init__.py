"""When something happens in the sky: searches over a range of time by root finding."""
