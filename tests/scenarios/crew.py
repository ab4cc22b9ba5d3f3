"""Starts the processes of a scenario, lets them go together, and gathers what they wrote."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import c_int
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.scenarios.log import Event, events_in
from tests.scenarios.part import Flag, Part, Signals, take_part
from tests.support.forked import CONTEXT
from tests.support.processes import until


class Crew:
    """Processes of one scenario, by their part's number."""

    def __init__(self, folder: Path, processes: Sequence[BaseProcess], signals: Signals) -> None:
        self.folder = folder
        self.processes = processes
        self.signals = signals

    def kill(self, index: int) -> float:
        """End one as the machine would; when that was."""
        self.processes[index].kill()
        self.processes[index].join()
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Whether all ended by themselves in that time."""
        return until(lambda: not any(process.is_alive() for process in self.processes), seconds)

    def events(self) -> list[Event]:
        return events_in(self.folder)

    def finish(self) -> list[Event]:
        """End the scenario, wait for everybody's farewell, and read what they wrote."""
        self.signals.over.set()
        assert self.wait(20.0), "a process did not end"
        return self.events()


@contextmanager
def crew_of(parts: Sequence[Part], *, dead: bool = False) -> Iterator[Crew]:
    """All parts' processes, each with its first exchange behind it, gone when this ends."""
    signals = Signals(
        CONTEXT.Semaphore(0), CONTEXT.Event(), Flag(CONTEXT.RawValue(c_int)), CONTEXT.RawValue(c_int, dead), CONTEXT.RawValue(c_int)
    )
    processes = [CONTEXT.Process(target=take_part, args=(part, signals), daemon=True) for part in parts]
    for process in processes:
        process.start()
    try:
        for part in parts:
            assert signals.ready.acquire(timeout=30), f"{part.process} did not get ready"
        signals.go.set()
        yield Crew(parts[0].folder, processes, signals)
    finally:
        for process in processes:
            process.kill()
            process.join()
