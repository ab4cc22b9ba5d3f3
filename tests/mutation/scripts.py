"""Runs the tests of the shared scripts against each mutant, on a real server; one forked process a mutant.

``verdicts`` does it in a copy of the checkout, so that nothing changes under the tests meanwhile: this module, run there, prints a
line of JSON for each mutant.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from backend.resilience import redis_state
from tests.mutation.copies import copy_of_checkout
from tests.mutation.lua import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "backend" / "resilience" / "scripts"
TESTS = (
    "tests/contract/test_fleet_state.py",
    "tests/contract/test_fleet_limits.py",
    "tests/contract/test_fleet_orders.py",
    "tests/contract/test_fleet_readings.py",
    "tests/unit/resilience/test_fleet_rules.py",
    "tests/unit/resilience/test_fleet_on_valkey.py",
    "tests/unit/resilience/test_fleet_orders_on_valkey.py",
    "tests/unit/resilience/test_fleet_keys.py",
)
PATIENCE_SECONDS = 180.0  # a mutant that keeps the tests busy for longer is noticed
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Verdict:
    """One mutant of one file, and whether any test failed."""

    file: str
    mutant: str
    killed: bool


def verdicts(names: tuple[str, ...]) -> Iterator[Verdict]:
    """All mutants of these scripts."""
    with tempfile.TemporaryDirectory() as folder:
        copy_of_checkout(Path(folder))
        words = [sys.executable, "-m", "tests.mutation.scripts", *names]
        with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                yield Verdict(**json.loads(line))
            trouble = process.stderr.read()
        if process.returncode:
            raise RuntimeError(f"the scripts' mutants were not all tried:\n{trouble[-2000:]}")


def _tried(names: list[str], folder: Path) -> Iterator[Verdict]:
    """As many at once as there are cores."""
    left = [(name, mutant) for name in reversed(names) for mutant in reversed(list(mutants_of(_script(name))))]
    if _Trial(folder, "", None).wait():
        raise RuntimeError("the tests fail on the scripts as they are")
    running: list[_Trial] = []
    while left or running:
        while left and len(running) < (os.cpu_count() or 1):
            running.append(_Trial(folder, *left.pop()))
        time.sleep(_POLL_SECONDS)
        for trial in [trial for trial in running if trial.ended()]:
            running.remove(trial)
            yield Verdict(trial.file, str(trial.mutant), trial.code != 0)


def _script(name: str) -> str:
    return (SCRIPTS / name).read_text(encoding="utf-8")


class _Trial:
    """The tests on one mutant, in a child of this process; ``code`` is pytest's own, 1 as well when it takes too long."""

    def __init__(self, folder: Path, file: str, mutant: Mutant | None) -> None:
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
            _run(self._scripts)

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


def _run(scripts: Path) -> None:
    """The child's whole life."""
    code = 3
    try:
        phases = (Phase.explicit, Phase.generate)  # no search for the shortest story
        settings.register_profile("first failure", deadline=None, phases=phases)
        redis_state._SCRIPTS = scripts
        redis_state._text.cache_clear()
        sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the rest of its life
        os.chdir(ROOT)
        quiet = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-W", "ignore"]
        code = int(pytest.main([*quiet, "--hypothesis-profile", "first failure", *TESTS]))
    finally:
        os._exit(code)


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for verdict in _tried([f"{name}.lua" for name in names], Path(folder)):
            print(json.dumps(asdict(verdict)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
