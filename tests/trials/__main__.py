"""Runs one trial with its full counts and writes its report to ``docs/trials``: ``python -m tests.trials NAME``."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.support.figures import FIGURES, figures_in
from tests.trials.trial import Trial

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "docs" / "trials"


def trials() -> dict[str, Trial]:
    """Every trial of the modules beside this one."""
    found: dict[str, Trial] = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name != "__main__":
            found |= getattr(importlib.import_module(f"tests.trials.{module.name}"), "TRIALS", {})
    return found


def main(names: list[str]) -> int:
    """Run the named trial; without a name, list them."""
    known = trials()
    if len(names) != 1 or names[0] not in known:
        for name, trial in sorted(known.items()):
            print(f"  make trial {name:10} {trial.shows}")
        return 0 if not names else 1
    return run(names[0], known[names[0]])


def run(name: str, trial: Trial) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder) / "figures"
        environment = {**os.environ, "ASTROLABE_TRIALS": str(trial.rounds), FIGURES: str(noted)}
        done = subprocess.run([sys.executable, *trial.words], cwd=ROOT, env=environment, text=True, capture_output=True)
        figures = figures_in(noted)
    print(done.stdout, done.stderr)
    REPORTS.mkdir(parents=True, exist_ok=True)
    text = report(name, trial, done.returncode == 0, time.monotonic() - began, figures, done.stdout)
    (REPORTS / f"{name}.md").write_text(text, encoding="utf-8")
    return done.returncode


def report(name: str, trial: Trial, held: bool, seconds: float, figures: list[str], output: str) -> str:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True, capture_output=True).stdout.strip()
    changed = subprocess.run(["git", "status", "--porcelain", "-uno"], cwd=ROOT, text=True, capture_output=True).stdout.strip()
    last = "\n".join(output.strip().splitlines()[-40:])
    return (
        f"# Trial: {name}\n\n{trial.shows}\n\n- Outcome: {'it holds' if held else 'it does not hold'}\n"
        f"- Commit: {commit}{' with changes not yet committed' if changed else ''}\n"
        f"- At: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {seconds:.0f} s, {os.cpu_count()} cores, Python {platform.python_version()}\n"
        f"- Rounds: {trial.rounds}\n\n" + "".join(f"{line}\n" for line in figures) + ("\n" if figures else "") + f"```\n{last}\n```\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
