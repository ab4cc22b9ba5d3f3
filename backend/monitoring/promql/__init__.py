"""PromQL 3.x without native histograms: parsed by a library, evaluated in numpy over any source of samples."""
