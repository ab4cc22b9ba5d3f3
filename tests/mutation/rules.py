"""Runs mutmut on the pure rules in a copy of the checkout, and reads what it found."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.copies import ROOT, copy_of_checkout

RULES = ("circuit_state", "window", "counts", "policy", "budget", "fleet_circuit", "fleet_exchange", "fleet_record")
TESTS = (
    "tests/unit/resilience/test_circuit_state.py",
    "tests/unit/resilience/test_window.py",
    "tests/unit/resilience/test_counts.py",
    "tests/unit/resilience/test_budget.py",
    "tests/unit/resilience/test_breaker.py",
    "tests/unit/resilience/test_changed_figures.py",
    "tests/unit/resilience/test_listeners.py",
    "tests/contract/test_fleet_state.py",
    "tests/contract/test_fleet_limits.py",
    "tests/contract/test_fleet_orders.py",
    "tests/contract/test_fleet_readings.py",
    "tests/unit/resilience/test_fleet_rules.py",
)
_CONFIGURATION = """
[tool.mutmut]
source_paths = ["backend"]
only_mutate = [{files}]
pytest_add_cli_args_test_selection = [{tests}]
also_copy = ["tests", "pyproject.toml"]
"""

_PROFILE = """
from hypothesis import Phase, settings

settings.register_profile("first failure", deadline=None, phases=(Phase.explicit, Phase.generate))  # no search for the shortest story
settings.load_profile("first failure")
"""


@dataclass(frozen=True)
class Verdict:
    """One mutant as mutmut names it; ``change`` is the removed and the added line, only of one that no test noticed."""

    rule: str
    killed: bool
    change: str = ""


def verdicts(rules: tuple[str, ...] = RULES) -> list[Verdict]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _prepare(copy, rules)
        done = _mutmut(copy, "run")
        if done.returncode != 0:
            raise RuntimeError(f"mutmut did not run through:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        lines = re.findall(r"^\s*(\S+): (.+)$", _mutmut(copy, "results", "--all", "true").stdout, re.MULTILINE)
        return [_verdict(copy, name, result) for name, result in lines]


def _prepare(copy: Path, rules: tuple[str, ...]) -> None:
    copy_of_checkout(copy)
    conftest = copy / "tests" / "conftest.py"
    conftest.write_text(conftest.read_text(encoding="utf-8") + _PROFILE, encoding="utf-8")
    files = ", ".join(f'"backend/resilience/{rule}.py"' for rule in rules)
    tests = ", ".join(f'"{test}"' for test in TESTS if (ROOT / test).exists())
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (copy / "pyproject.toml").write_text(text + _CONFIGURATION.format(files=files, tests=tests), encoding="utf-8")


def _mutmut(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "mutmut", *words], cwd=copy, capture_output=True, text=True)


def _verdict(copy: Path, name: str, result: str) -> Verdict:
    rule = name.split(".")[2]
    if result in ("killed", "timeout", "caught by type check", "segfault"):
        return Verdict(rule, True)
    lines = _mutmut(copy, "show", name).stdout.splitlines()
    changed = [line[1:].strip() for line in lines if re.match(r"[-+](?![-+])", line)]
    where = name.rpartition(".")[2].rpartition("__mutmut")[0].removeprefix("x").strip("_ǁ").replace("ǁ", ".")
    return Verdict(rule, False, f"{where}: `{'` becomes `'.join(changed)}`{' (no test runs it)' if result == 'no tests' else ''}")
