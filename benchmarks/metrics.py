"""The embedded metrics store beside Debian's Prometheus, in one run: the same samples in both, the same questions over HTTP in turn.

10,000 series (1,000 classic histograms of ten targets) of 24 hours every 15 s, and as many again of which 5 % of the samples are missing.
Ratios are medians of pairs, of wall time and of processor time; ``bytes_per_sample_own`` is of what our own processes expose. What needs
no peer comes from ``metrics_store``. Milliseconds, bytes and megabytes as the names say.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from benchmarks import metrics_store
from benchmarks.metering import own
from benchmarks.metering.asking import Range, Server, ask, compared, in_turn
from benchmarks.metering.data import BLOCK_MS, Fleet, slices
from benchmarks.metering.processes import family, forget_peak, peak_megabytes
from benchmarks.metering.remote_write import head_of, request, send
from tests.support.prometheus import Prometheus

Figures = tuple[dict[str, Any], dict[str, Any]]
QUERY = "histogram_quantile(0.5, sum by (le, job) (rate({name}_bucket[5m])))"
PANEL = 'sum by (le) (rate({name}_bucket{{job="job-0", handler=~"/handler/[12]?[0-9]"}}[5m]))'  # of 30 histograms: 300 series
SECONDS = 120.0  # the longest wait for one answer
YOUNG = 900  # seconds: before its first sample a counter that is close to zero is carried on otherwise by version 2 than by version 3


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Ratios first; beside them the figures that goals are stated in, and the load of the machine before and after."""
    ratios: dict[str, Any] = {}
    raw: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 2)}
    for part in (_beside_prometheus, _by_itself):
        with tempfile.TemporaryDirectory(prefix="metrics") as folder:
            for some_ratios, some_raw in part(Path(folder), quick):
                ratios |= some_ratios
                raw |= some_raw
    raw["load_after"] = round(os.getloadavg()[0], 2)
    return {"ratios": ratios, "raw": raw}


def _by_itself(folder: Path, quick: bool) -> Iterator[Figures]:
    """What needs no peer: a scrape's cost, the size of our own metrics, the opening of a large file."""
    for name, part in (("scrape", metrics_store.scrape), ("own", metrics_store.own_metrics), ("opened", metrics_store.opened)):
        (folder / name).mkdir()
        raw = part(folder / name, quick=quick)
        size = raw.pop("bytes_per_sample_own", None)
        yield {} if size is None else {"bytes_per_sample_own": size}, raw
        shutil.rmtree(folder / name)


def _fleets(quick: bool) -> tuple[Fleet, Fleet]:
    end = int(time.time() * 1000) // BLOCK_MS * BLOCK_MS
    size = {"jobs": 1, "histograms": 40, "hours": 4} if quick else {"jobs": 10, "histograms": 100, "hours": 24}
    return Fleet("dense", **size, end=end), Fleet("gaps", **size, end=end, gaps=True)


def _beside_prometheus(folder: Path, quick: bool) -> Iterator[Figures]:
    fleets = _fleets(quick)
    with Prometheus(folder / "prometheus") as prometheus, httpx.Client(timeout=SECONDS, trust_env=False) as client:
        began = time.perf_counter()
        sizes = _fill(folder, fleets, client, prometheus.url)
        yield {}, {"fill_seconds": round(time.perf_counter() - began), **_sizes(fleets, sizes)}
        theirs = Server(prometheus.url, prometheus.process.pid)
        for fleet in fleets:
            with own.serving(_file(folder, fleet), SECONDS) as served:
                yield from _asked(client, Server(served.url, served.pid), theirs, fleet, quick)


def _file(folder: Path, fleet: Fleet) -> Path:
    return folder / fleet.name / "metrics.db"


def _asked(client: httpx.Client, ours: Server, theirs: Server, fleet: Fleet, quick: bool) -> Iterator[Figures]:
    forget_peak(family(ours.pid))
    yield compared(fleet.name, in_turn(client, ours, theirs, _whole(fleet), 1 if quick else 3))
    yield {}, {f"{fleet.name}_query_peak_mb": round(peak_megabytes(family(ours.pid)))}
    if not fleet.gaps:
        yield _panel(client, ours, theirs, fleet, 5 if quick else 40)


def _fill(folder: Path, fleets: Sequence[Fleet], client: httpx.Client, url: str) -> list[int]:
    """The same samples into both, all fleets at once, as Prometheus takes none that are old; the bytes of our files then."""
    heads = {fleet: [[head_of(labels) for labels in fleet.labels(job)] for job in range(fleet.jobs)] for fleet in fleets}
    fillings = {fleet: own.Filling(_file(folder, fleet)) for fleet in fleets}
    for parts in zip(*(slices(fleet) for fleet in fleets), strict=True):
        for fleet, part in zip(fleets, parts, strict=True):
            send(client, url, request(heads[fleet][part.job], part.times, part.values, part.present))
            fillings[fleet].take(fleet, part)
    return [filling.finish() for filling in fillings.values()]


def _sizes(fleets: Sequence[Fleet], sizes: Sequence[int]) -> dict[str, Any]:
    dense = fleets[0]
    samples = dense.series * dense.hours * 3_600_000 // dense.step_ms
    raw = {f"{fleet.name}_megabytes": round(size / 1e6, 1) for fleet, size in zip(fleets, sizes, strict=True)}
    return {"samples": samples, "bytes_per_sample_counters": round(sizes[0] / samples, 3), **raw}


def _whole(fleet: Fleet) -> Range:
    return Range(QUERY.format(name=fleet.name), fleet.start / 1000 + YOUNG, fleet.end / 1000, 60)


def _panel(client: httpx.Client, ours: Server, theirs: Server, fleet: Fleet, times: int) -> Figures:
    """A panel of the console: 24 hours in 360 points."""
    question = Range(PANEL.format(name=fleet.name), fleet.start / 1000 + YOUNG, fleet.end / 1000, 240)
    walls: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(times):
        walls["ours"].append(ask(client, ours, question).wall)
        walls["theirs"].append(ask(client, theirs, question).wall)
    raw = {"panel_p50_ms": _part(walls["ours"], 0.5), "panel_p95_ms": _part(walls["ours"], 0.95)}
    return {}, {**raw, "panel_prometheus_p50_ms": _part(walls["theirs"], 0.5), "panel_prometheus_p95_ms": _part(walls["theirs"], 0.95)}


def _part(values: list[float], share: float) -> float:
    return round(statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1], 1)
