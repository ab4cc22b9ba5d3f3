"""One reading of a process: its exposition made small."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from backend.monitoring.records import Counters, Histogram
from backend.telemetry.series import Sample, read_exposition

OPERATIONAL = frozenset({"/", "/livez", "/readyz", "/metrics", "/openapi.json"})


def read(body: bytes) -> Counters:
    """The counters of an exposition, without what is asked by machines that watch us."""
    return counters(read_exposition(body))


def counters(samples: Iterable[Sample]) -> Counters:
    requests = errors = charts = degraded = 0.0
    buckets: dict[float, float] = {}
    started_at = None
    for sample in samples:
        if sample.labels.get("route") in OPERATIONAL:
            continue
        if sample.name == "astrolabe_http_requests_total":
            requests += sample.value
            errors += sample.value if sample.labels["status"].startswith("5") else 0.0
        elif sample.name == "astrolabe_http_request_seconds_bucket":
            bound = float(sample.labels["le"])
            buckets[bound] = buckets.get(bound, 0.0) + sample.value
        elif sample.name == "process_start_time_seconds":
            started_at = datetime.fromtimestamp(sample.value, UTC)
        elif sample.name == "astrolabe_charts_total":
            charts += sample.value
            degraded += sample.value if sample.labels["degraded"] == "true" else 0.0
    bounds = tuple(sorted(buckets))
    return Counters(requests, errors, charts, degraded, Histogram(bounds, tuple(buckets[bound] for bound in bounds)), started_at)


def to_body(value: Counters) -> dict[str, Any]:
    """As JSON; infinity, which JSON lacks, is null."""
    return {
        "requests": value.requests,
        "errors": value.errors,
        "charts": value.charts,
        "degraded": value.degraded,
        "started": None if value.started_at is None else value.started_at.timestamp(),
        "bounds": [None if bound == float("inf") else bound for bound in value.latency.bounds],
        "counts": list(value.latency.counts),
    }


def from_body(body: dict[str, Any]) -> Counters:
    bounds = tuple(float("inf") if bound is None else float(bound) for bound in body["bounds"])
    started = None if body["started"] is None else datetime.fromtimestamp(body["started"], UTC)
    latency = Histogram(bounds, tuple(body["counts"]))
    return Counters(body["requests"], body["errors"], body["charts"], body["degraded"], latency, started)
