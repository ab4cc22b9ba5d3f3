"""Runs the tests of the shared scripts against each mutant, on a real server; one process a mutant."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.lua import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "backend" / "resilience" / "scripts"
TESTS = (
    "tests/contract/test_fleet_state.py",
    "tests/unit/resilience/test_fleet_on_valkey.py",
)
PATIENCE_SECONDS = 180.0  # a mutant that keeps the tests busy for longer is noticed


@dataclass(frozen=True)
class Verdict:
    """One mutant of one file, and whether any test failed."""

    file: str
    mutant: Mutant
    killed: bool

    @property
    def key(self) -> str:
        return f"{self.file}: {self.mutant.before} -> {self.mutant.after}"


def verdicts(names: tuple[str, ...] = (), tests: tuple[str, ...] = TESTS) -> Iterator[Verdict]:
    """All mutants of these scripts (of all, without names), as many at once as there are cores."""
    if _run(None, "", tests) != 0:
        raise RuntimeError("the tests fail on the scripts as they are")
    paths = [path for path in sorted(SCRIPTS.glob("*.lua")) if not names or path.stem in names]
    found = [(path, mutant) for path in paths for mutant in mutants_of(path.read_text(encoding="utf-8"))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for (path, mutant), code in zip(found, pool.map(lambda one: _run(one[1], one[0].name, tests), found), strict=True):
            yield Verdict(path.name, mutant, code != 0)


def _run(mutant: Mutant | None, file: str, tests: tuple[str, ...]) -> int:
    """The exit code of the tests in a process of their own; 1 when they fail or take too long."""
    with tempfile.TemporaryDirectory() as folder:
        scripts = Path(folder) / "scripts"
        shutil.copytree(SCRIPTS, scripts)
        if mutant is not None:
            (scripts / file).write_text(mutant.text, encoding="utf-8")
        words = [sys.executable, "-m", "tests.mutation.under_mutation", str(scripts), *tests]
        process = os.posix_spawn(sys.executable, words, {**os.environ, "PYTHONPATH": str(ROOT)}, setpgroup=0)
        return _wait(process)


def _wait(process: int) -> int:
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            if code > 1:
                raise RuntimeError(f"the tests could not be run: pytest ended with {code}")
            return code
        time.sleep(0.02)
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return 1
