"""The one long-lived thread that owns Swiss Ephemeris, and what has to be true of its files before it starts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from backend.charts.engine.computing_thread import ComputingThread, ThreadUsage
from backend.charts.engine.files import check_files, ephemeris_digest
from backend.charts.engine.positions import Houses, Position, Source, Star, Unavailable
from backend.charts.engine.sky import BINDING, LIBRARY, LibraryError, Sky, close_library, open_library
from backend.charts.vocabulary import Body, Mode
from backend.errors import ComputationFailed

__all__ = ["BINDING", "LIBRARY", "Ephemeris", "Houses", "Mode", "Position", "Sky", "Source", "Star", "Unavailable"]

T = TypeVar("T")
_J2000 = 2451545.0
PATH_VARIABLE = "SE_EPHE_PATH"


class Ephemeris:
    """Runs jobs on the computing thread; one per process, closed at the end."""

    def __init__(self, folder: Path, mode: Mode = Mode.FILES) -> None:
        self.mode = mode
        self.problems = check_files(folder)
        self.digest = ephemeris_digest(self.problems)
        self._sky = Sky(mode, self.problems)
        self.planets_problem = self._sky.planets_problem
        _require_our_path(folder)
        self._thread = ComputingThread("ephemeris")
        self._thread.run(lambda: open_library(folder))  # the thread keeps it; others never call the library
        self._closed = False
        self._require_found_files()

    def run(self, job: Callable[[Sky], T]) -> T:
        """The result of ``job``, computed on the one thread that owns the library."""
        return self._thread.run(lambda: self._clean(job))

    def usage(self) -> ThreadUsage:
        """How much the thread works."""
        return self._thread.usage()

    def close(self) -> None:
        """Free the library's open files and end the thread."""
        if self._closed:
            return
        self._closed = True
        self._thread.run(close_library)
        self._thread.close()

    def _require_found_files(self) -> None:
        """Good files that the library does not find would make every chart Moshier's: better not to start."""
        if self.mode is Mode.FILES and not self.planets_problem:
            (sun,), _ = self.run(lambda sky: sky.positions(_J2000, [Body.SUN]))
            if sun.source is not Source.FILES:
                self.close()
                raise ComputationFailed(
                    "the library does not find the ephemeris files: their folder's name is too long or holds ':' or ';'"
                )

    def _clean(self, job: Callable[[Sky], T]) -> T:
        self._sky.reset()
        try:
            return job(self._sky)
        except LibraryError:
            raise ComputationFailed("the ephemeris library refused this calculation") from None  # its text holds paths


def _require_our_path(folder: Path) -> None:
    """The library lets this variable overrule every other word on where its files are: it must not disagree with the settings."""
    theirs = os.environ.get(PATH_VARIABLE)
    if theirs and Path(theirs).resolve() != folder.resolve():
        raise ComputationFailed(f"{PATH_VARIABLE} in the environment names another folder than the settings; unset it")
