"""Runs one trial with its full counts and writes its report to ``docs/trials``: ``python -m tests.trials NAME``."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "docs" / "trials"


@dataclass(frozen=True)
class Trial:
    """The tests to run, and how many rounds each makes; ``shows`` is the claim that they carry."""

    shows: str
    tests: tuple[str, ...]
    rounds: int


TRIALS = {
    "orphans": Trial(
        "Whenever the supervisor is ended, by SIGTERM or SIGKILL, nothing of it is left 5 s later (25 rounds of each).",
        ("tests/processes/test_run.py::test_whenever_the_supervisor_ends_so_does_everything",),
        50,
    ),
    "valkey": Trial(
        "Killed 20 times, the embedded Valkey has every acknowledged write after its restart, and ends with its owner.",
        ("tests/processes/test_valkey_server.py",),
        20,
    ),
    "pause": Trial(
        "With Valkey paused for 30 s the API answers on, and circuits are known again afterwards.",
        ("tests/processes/test_run.py",),
        20,
    ),
}


def main(names: list[str]) -> int:
    """Run the named trial; without a name, list them."""
    if len(names) != 1 or names[0] not in TRIALS:
        for name, trial in TRIALS.items():
            print(f"  make trial {name:10} {trial.shows}")
        return 0 if not names else 1
    return run(names[0], TRIALS[names[0]])


def run(name: str, trial: Trial) -> int:
    began = time.monotonic()
    environment = {**os.environ, "ASTROLABE_TRIALS": str(trial.rounds)}
    words = [sys.executable, "-m", "pytest", *trial.tests, "--timeout", "7200", "--durations=0"]
    done = subprocess.run(words, cwd=ROOT, env=environment, text=True, capture_output=True)
    print(done.stdout, done.stderr)
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / f"{name}.md").write_text(report(name, trial, done.returncode == 0, time.monotonic() - began, done.stdout))
    return done.returncode


def report(name: str, trial: Trial, held: bool, seconds: float, output: str) -> str:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True, capture_output=True).stdout.strip()
    last = "\n".join(output.strip().splitlines()[-40:])
    return (
        f"# Trial: {name}\n\n{trial.shows}\n\n- Outcome: {'it holds' if held else 'it does not hold'}\n- Commit: {commit}\n"
        f"- At: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {seconds:.0f} s, {os.cpu_count()} cores, Python {platform.python_version()}\n"
        f"- Rounds: {trial.rounds}\n\n```\n{last}\n```\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
