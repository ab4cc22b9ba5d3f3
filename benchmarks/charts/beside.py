"""Natal charts beside other libraries, at each one's own content, in turns in one run; CPU time on both sides.

Each round has other births, so that no side finds an answer it made before. Ours does more at every content: validation, applying
and separating, dignities, lots, provenance, hand-over between threads.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from statistics import median
from typing import Any

from benchmarks.charts.natal import Figures
from benchmarks.charts.sample import Birth, Ours, births, ours, request_of
from benchmarks.peers.charts.running import NAMES, Peer
from benchmarks.peers.environment import Missing

_PLANETS = ["sun", "moon", "mercury", "venus", "mars", "jupiter", "saturn", "uranus", "neptune", "pluto"]
CONTENT: dict[str, list[str]] = {
    "kerykeion": [*_PLANETS, "mean_node", "true_node", "chiron"],
    "immanuel": [*_PLANETS, "true_node", "osculating_lilith", "chiron"],
    "flatlib": [*_PLANETS, "mean_node", "chiron"],
    "stellium": [*_PLANETS, "true_node", "mean_lilith", "chiron"],
}
"""The bodies of each; a south node, angles and the Part of Fortune follow from what ours always computes."""


def beside_peers(*, quick: bool) -> Figures:
    """Ratio `faster_than_best_peer`: the lowest of the peers' times over ours; None unless all of them ran."""
    rounds, charts = (2, 3) if quick else (31, 40)
    missing: dict[str, str] = {}
    found: dict[str, list[tuple[float, float]]] = {}
    with ours() as own, ExitStack() as running:
        peers = _started(running, missing)
        for number in range(rounds + 1):
            for peer in [peer for peer in peers if peer.name not in missing]:
                try:
                    measured = _measured(peer, own, births(charts, seed=number))
                except Missing as error:
                    missing[peer.name] = str(error)
                    continue
                if number:  # the first round warms
                    found.setdefault(peer.name, []).append(measured)
    return _figures(found, missing, charts)


def _started(running: ExitStack, missing: dict[str, str]) -> list[Peer]:
    peers = []
    for name in NAMES:
        try:
            peers.append(running.enter_context(Peer(name)))
        except Missing as error:
            missing[name] = str(error)
    return peers


def _measured(peer: Peer, own: Ours, people: list[Birth]) -> tuple[float, float]:
    """Seconds of the peer and of ours."""
    theirs = peer.seconds([(moment.isoformat(), latitude, longitude) for moment, latitude, longitude in people])
    bodies = [request_of(birth, bodies=CONTENT[peer.name]) for birth in people]
    began = time.process_time()
    for body in bodies:
        own.typed(body)
    return theirs, time.process_time() - began


def _figures(found: dict[str, list[tuple[float, float]]], missing: dict[str, str], charts: int) -> Figures:
    raw: dict[str, Any] = {}
    ratios: dict[str, float] = {}
    for name, pairs in found.items():
        ratios[name] = round(median(theirs / own for theirs, own in pairs), 2)
        raw[f"{name}_ms_per_chart"] = round(median(theirs for theirs, _ in pairs) / charts * 1e3, 4)
        raw[f"ours_at_content_of_{name}_ms_per_chart"] = round(median(own for _, own in pairs) / charts * 1e3, 4)
        raw[f"faster_than_{name}"] = ratios[name]
    if missing:
        raw["faster_than_best_peer_why"] = "; ".join(missing.values())
    return {"faster_than_best_peer": None if missing else min(ratios.values())}, raw
