"""The chart libraries as processes: each in an environment made on demand, all asked in turns with ours."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import venv
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Self

from benchmarks.peers.environment import FOLDER, Missing

HERE = Path(__file__).parent
NAMES = ("kerykeion", "immanuel", "flatlib", "stellium")
Place = tuple[str, float, float]


class Peer(AbstractContextManager["Peer"]):
    """One library, waiting for charts to compute; Missing with the reason when it cannot be had."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [environment_of(name), "-B", str(HERE / "worker.py"), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )

    def seconds(self, charts: list[Place]) -> float:
        """CPU seconds of these charts, given as instant (ISO 8601, UTC), latitude and longitude in degrees."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            print(json.dumps(charts), file=self._process.stdin)
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise Missing(f"{self.name} ended with {self._process.wait()} instead of computing")
        return float(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):  # what it never read is still to be sent
            self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def environment_of(name: str) -> Path:
    """The interpreter that has this library and nothing of ours, installed now if need be; Missing with the reason."""
    wanted = HERE / f"{name}.txt"
    folder = FOLDER / "charts" / name
    mark, digest = folder / "installed", hashlib.sha256(wanted.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text(encoding="utf-8") != digest:
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        _install(name, folder / "bin" / "python", wanted)
        mark.write_text(digest, encoding="utf-8")
    return folder / "bin" / "python"


def _install(name: str, python: Path, wanted: Path) -> None:
    words = ["-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes", "-r", str(wanted)]
    done = subprocess.run([str(python), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"pip of {sys.executable} said nothing"]
        raise Missing(f"{name} could not be installed: {lines[-1]}")
