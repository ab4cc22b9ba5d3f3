"""Asking a server that speaks Prometheus's HTTP API, and writing to it."""

from __future__ import annotations

import json
import math
from typing import Any

import httpx

from backend.monitoring.embedded.records import Series
from backend.monitoring.embedded.remote_write import encoded

PACKED = {"content-type": "application/x-protobuf", "content-encoding": "snappy", "x-prometheus-remote-write-version": "0.1.0"}
NEAR = 1e-12
Answer = dict[str, list[tuple[float, float]]]


class MetricsApi:
    """One server; ``query`` and ``query_range`` give what they answer by series, ValueError with its words when they do not."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=30.0)

    def write(self, series: list[Series]) -> None:
        answer = self._client.post("/api/v1/write", content=encoded(series), headers=PACKED)
        assert answer.status_code == 204, answer.text

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self._client.get(path, params=params)

    def query(self, query: str, at: float) -> Answer:
        return self._by_series(self.get("/api/v1/query", query=query, time=at))

    def query_range(self, query: str, start: float, end: float, step: float) -> Answer:
        return self._by_series(self.get("/api/v1/query_range", query=query, start=start, end=end, step=step))

    def _by_series(self, answer: httpx.Response) -> Answer:
        document = answer.json()
        if answer.status_code != 200:
            raise ValueError(f"{answer.status_code} {document['errorType']}: {document['error']}")
        kind, found = document["data"]["resultType"], document["data"]["result"]
        if kind == "scalar":
            found = [{"metric": {}, "value": found}]
        return {
            json.dumps(one["metric"], sort_keys=True): [(float(at), float(value)) for at, value in one.get("values") or [one["value"]]]
            for one in found
        }


def difference(one: Answer, other: Answer) -> str:
    """How two answers differ in series, times, or values by more than 1e-12; '' if they do not."""
    if one.keys() != other.keys():
        return f"only one has {sorted(one.keys() - other.keys())}, only the other {sorted(other.keys() - one.keys())}"
    for series, points in one.items():
        others = other[series]
        if [at for at, _ in points] != [at for at, _ in others]:
            return f"{series}: other times"
        for (at, value), (_, its) in zip(points, others, strict=True):
            if not same(value, its):
                return f"{series} at {at}: {value!r} and {its!r}"
    return ""


def same(value: float, other: float) -> bool:
    return (math.isnan(value) and math.isnan(other)) or value == other or math.isclose(value, other, rel_tol=NEAR, abs_tol=NEAR)
