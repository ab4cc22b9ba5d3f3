"""Questions to what the processes of a scenario wrote down."""

from __future__ import annotations

from collections.abc import Iterable

from tests.scenarios.log import Event

_ADOPTION_SECONDS = 0.02  # between hearing a reply and acting on it


def named(events: Iterable[Event], what: str, process: str | None = None) -> list[Event]:
    return [event for event in events if event.what == what and process in (None, event.process)]


def under_way(events: list[Event]) -> list[tuple[float, float]]:
    """When each admitted call began and ended; one whose process was killed never ended."""
    ends = {(event.process, event["asked"]): event.at for event in named(events, "called")}
    return [(event.at, ends.get((event.process, event["asked"]), float("inf"))) for event in named(events, "calls")]


def peak(spans: Iterable[tuple[float, float]]) -> int:
    """How many of them lie over one instant at most."""
    steps = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans], key=lambda step: (step[0], step[1]))
    highest = standing = 0
    for _, step in steps:
        standing += step
        highest = max(highest, standing)
    return highest


def stopped_at(events: list[Event], processes: int) -> float:
    """When the last of the processes was told that the fleet had stopped."""
    first: dict[str, float] = {}
    for event in named(events, "told"):
        if event["state"] == "open":
            first.setdefault(event.process, event.at)
    assert len(first) == processes, "not every process was told to stop"
    return max(first.values())


def probes(events: list[Event]) -> list[tuple[float, float]]:
    """Calls admitted after their process had been told that the fleet had stopped: from asking (nothing can be earlier) to the end."""
    first: dict[str, float] = {}
    for event in named(events, "told"):
        if event["state"] == "open":
            first.setdefault(event.process, event.at)
    ends = {(event.process, event["asked"]): event.at for event in named(events, "called")}
    return [
        (event.at, ends.get((event.process, event["asked"]), float("inf")))
        for event in named(events, "calls")
        if event["asked"] > first.get(event.process, float("inf")) + _ADOPTION_SECONDS
    ]
