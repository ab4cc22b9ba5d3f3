"""The page 'Protect a call of yours in five minutes' works, followed in an empty project with nothing of ours but the wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend.resilience.redis_state import RedisState
from backend.storage.shared import SharedState
from tests.support.valkey import TestServer, own_valkey

__all__ = ["own_valkey"]
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "protect-a-call.md").read_text("utf-8")
PARTS = ("backend/__init__.py", "backend/clock.py", "backend/errors.py", "pyproject.toml", "LICENSE")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as pip puts it into a project; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    source, target = folder / "source", folder / "site"
    shutil.copytree(ROOT / "backend" / "resilience", source / "backend" / "resilience", ignore=shutil.ignore_patterns("__pycache__"))
    for part in PARTS:
        shutil.copy(ROOT / part, source / part)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", str(folder), str(source)], check=True)
    wheel = next(folder.glob("astrolabe_resilience-*.whl"))
    subprocess.run([*pip, "install", "-q", "--no-deps", "--no-index", "--target", str(target), str(wheel)], check=True)
    return target


def test_the_program_of_the_page_runs_and_its_breaker_appears_in_the_fleet(installed: Path, own_valkey: TestServer, tmp_path: Path) -> None:
    program = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.S))
    environment = {"PYTHONPATH": str(installed), "VALKEY_URL": own_valkey.url}
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert run.stderr == ""
    assert run.stdout.splitlines()[:2] == ["charged 5", "a block of yours"]
    assert run.stdout.splitlines()[-1] == "refused: circuit_open"
    shared = SharedState(own_valkey.url)
    try:
        (named,) = RedisState(shared).names()
    finally:
        shared.close()
    assert (named.name, named.title, named.service) == ("payments", "Payments", "billing")
