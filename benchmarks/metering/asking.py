"""One question to two servers in turn: how long each took, what it cost in processor time, and whether they say the same."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np

from benchmarks.metering.processes import cpu_seconds, family

Answer = dict[tuple[tuple[str, str], ...], dict[float, float]]


@dataclass(frozen=True)
class Range:
    """A range query; times in seconds since 1970."""

    query: str
    start: float
    end: float
    step: float


@dataclass(frozen=True)
class Server:
    url: str
    pid: int


@dataclass(frozen=True)
class Took:
    """Wall and processor time of one answer, in ms, and the answer."""

    wall: float
    cpu: float
    answer: Answer


def ask(client: httpx.Client, server: Server, question: Range) -> Took:
    """HTTPStatusError when the server refuses."""
    pids = family(server.pid)
    used, began = cpu_seconds(pids), time.perf_counter()
    answer = client.post(f"{server.url}/api/v1/query_range", data=vars(question))
    wall = time.perf_counter() - began
    cpu = cpu_seconds(family(server.pid)) - used
    if answer.status_code != 200:
        raise AssertionError(f"{server.url} answered {answer.status_code}: {answer.text[:300]}")
    return Took(wall * 1000, cpu * 1000, _read(answer.json()))


def in_turn(client: httpx.Client, ours: Server, theirs: Server, question: Range, rounds: int) -> list[tuple[Took, Took]]:
    """After one answer of each that does not count."""
    pairs = []
    for number in range(rounds + 1):
        pair = (ask(client, ours, question), ask(client, theirs, question))
        if number:
            pairs.append(pair)
    return pairs


def compared(name: str, pairs: Sequence[tuple[Took, Took]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The median of the paired ratios, and what they come from."""
    walls = [one.wall / other.wall for one, other in pairs]
    cpus = [one.cpu / other.cpu for one, other in pairs]
    raw = {
        f"{name}_ms": [round(one.wall) for one, _ in pairs],
        f"{name}_prometheus_ms": [round(other.wall) for _, other in pairs],
        f"{name}_cpu_ms": [round(one.cpu) for one, _ in pairs],
        f"{name}_prometheus_cpu_ms": [round(other.cpu) for _, other in pairs],
        f"{name}_points": sum(len(points) for points in pairs[0][0].answer.values()),
        f"{name}_answers_differ_by": apart(pairs[-1][0].answer, pairs[-1][1].answer),
    }
    ratios = {
        f"{name}_over_prometheus": round(statistics.median(walls), 2),
        f"{name}_cpu_over_prometheus": round(statistics.median(cpus), 2),
    }
    return ratios, raw


def apart(one: Answer, other: Answer) -> float | None:
    """The largest relative difference; None when they have not the same series and points, or one has no number where the other has."""
    if one.keys() != other.keys() or any(one[key].keys() != other[key].keys() for key in one):
        return None
    most = 0.0
    for key, points in one.items():
        ours, theirs = (np.array([found[at] for at in sorted(points)]) for found in (points, other[key]))
        with np.errstate(all="ignore"):
            found = np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-300)
        same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
        most = float(np.maximum(most, np.where(same, 0.0, found).max(initial=0.0)))
    return None if np.isnan(most) else most


def _read(document: dict[str, Any]) -> Answer:
    result = document["data"]["result"]
    return {tuple(sorted(one["metric"].items())): {float(at): float(value) for at, value in one["values"]} for one in result}
