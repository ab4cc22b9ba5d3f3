"""Runs the tests of the shared scripts against each mutant, on a real server; one forked process a mutant."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from backend.resilience import redis_state
from tests.mutation.lua import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "backend" / "resilience" / "scripts"
TESTS = (
    "tests/contract/test_fleet_state.py",
    "tests/unit/resilience/test_fleet_rules.py",
    "tests/unit/resilience/test_fleet_on_valkey.py",
)
PATIENCE_SECONDS = 180.0  # a mutant that keeps the tests busy for longer is noticed
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Verdict:
    """One mutant of one file, and whether any test failed."""

    file: str
    mutant: Mutant
    killed: bool


def verdicts(names: tuple[str, ...] = (), tests: tuple[str, ...] = TESTS) -> Iterator[Verdict]:
    """All mutants of these scripts (of all, without names), as many at once as there are cores."""
    paths = [path for path in sorted(SCRIPTS.glob("*.lua")) if not names or path.stem in names]
    left = [(path.name, mutant) for path in reversed(paths) for mutant in reversed(list(mutants_of(path.read_text(encoding="utf-8"))))]
    with tempfile.TemporaryDirectory() as folder:
        if _Trial(Path(folder), "", None, tests).wait():
            raise RuntimeError("the tests fail on the scripts as they are")
        running: list[_Trial] = []
        while left or running:
            while left and len(running) < (os.cpu_count() or 1):
                running.append(_Trial(Path(folder), *left.pop(), tests))
            time.sleep(_POLL_SECONDS)
            for trial in [trial for trial in running if trial.ended()]:
                running.remove(trial)
                assert trial.mutant is not None
                yield Verdict(trial.file, trial.mutant, trial.code != 0)


class _Trial:
    """The tests on one mutant, in a child of this process; ``code`` is pytest's own, 1 as well when it takes too long."""

    def __init__(self, folder: Path, file: str, mutant: Mutant | None, tests: tuple[str, ...]) -> None:
        self.file = file
        self.mutant = mutant
        self.code = 0
        self._scripts = Path(tempfile.mkdtemp(dir=folder)) / "scripts"
        shutil.copytree(SCRIPTS, self._scripts)
        if mutant is not None:
            (self._scripts / file).write_text(mutant.text, encoding="utf-8")
        self._ends = time.monotonic() + PATIENCE_SECONDS
        self._process = os.fork()
        if not self._process:
            _run(self._scripts, tests)

    def ended(self) -> bool:
        done, status = os.waitpid(self._process, os.WNOHANG)
        if done:
            self.code = os.waitstatus_to_exitcode(status)
            if self.code > 1:
                raise RuntimeError(f"the tests could not be run: pytest ended with {self.code}")
        elif time.monotonic() > self._ends:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self.code = done = 1
        if done:
            shutil.rmtree(self._scripts.parent)
        return bool(done)

    def wait(self) -> int:
        while not self.ended():
            time.sleep(_POLL_SECONDS)
        return self.code


def _run(scripts: Path, tests: tuple[str, ...]) -> None:
    """The child's whole life."""
    code = 3
    try:
        phases = (Phase.explicit, Phase.generate)  # no search for the shortest story
        settings.register_profile("first failure", deadline=None, phases=phases)
        redis_state._SCRIPTS = scripts
        redis_state._text.cache_clear()
        sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the rest of its life
        os.chdir(ROOT)
        code = int(
            pytest.main(
                [
                    "-x",
                    "-q",
                    "-p",
                    "no:cacheprovider",
                    "--hypothesis-profile",
                    "first failure",
                    "--no-header",
                    "--tb=no",
                    "-W",
                    "ignore",
                    *tests,
                ]
            )
        )
    finally:
        os._exit(code)
