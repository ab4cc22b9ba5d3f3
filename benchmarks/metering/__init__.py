"""The parts of ``benchmarks metrics``: the same samples in two servers, the same questions to both."""
