"""The estimate of durations from a few buckets."""

from __future__ import annotations

from backend.resilience.latency import BUCKETS, bucket_of, quantile


def test_the_estimate_lies_in_the_right_bucket() -> None:
    counts = [0] * BUCKETS
    for milliseconds in range(1, 101):
        counts[bucket_of(milliseconds / 1000)] += 1
    estimate = quantile(counts, 0.95)
    assert estimate is not None
    assert 0.05 < estimate <= 0.1
    assert quantile([0] * BUCKETS, 0.95) is None
    assert quantile([0] * (BUCKETS - 1) + [5], 0.95) == 3.2
