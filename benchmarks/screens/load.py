"""The workshop's load client (``streamlit_load.py``), found by ``STREAMLIT_LOAD`` or beside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.product import ROOT

CLIENT = Path(os.environ.get("STREAMLIT_LOAD", ROOT.parent / "shared" / "bench" / "streamlit_load.py"))
Report = dict[str, Any]


def required() -> None:
    """SystemExit where the client is not to be found."""
    if not CLIENT.exists():
        raise SystemExit(f"the load client is not at {CLIENT}: set STREAMLIT_LOAD to its path")


@dataclass(frozen=True)
class Load:
    """Sessions on the pages of one server; reports are the client's own, times in milliseconds."""

    url: str
    cookies: list[str] = field(default_factory=list)

    def reruns(self, page: str, sessions: int, reruns: int, think_seconds: float, query: str = "") -> Report:
        """So many sessions that each ask again so often."""
        report = self._report(page, sessions, query, ["-m", str(reruns), "--think", str(think_seconds)])
        if not report["rerun_ms"]:
            raise SystemExit(f"no rerun was answered: {report['error_samples']}")
        return report

    def ticks(self, page: str, sessions: int, seconds: float, query: str = "") -> Report:
        """So many sessions that only look on, their pages' own timers running; they come one after the other over that time."""
        held = ["-m", "0", "--fragments", "--hold", str(2 * seconds), "--ramp", str(seconds)]
        return self._report(page, sessions, query, held)

    def _report(self, page: str, sessions: int, query: str, more: list[str]) -> Report:
        words = [
            sys.executable,
            str(CLIENT),
            self.url,
            "--page",
            page,
            "--query",
            query,
            "-n",
            str(sessions),
            "--warm",
            "1",
            "--compact",
            *more,
        ]
        for cookie in self.cookies:
            words += ["--cookie", cookie]
        done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
        if not done.stdout.strip():
            raise SystemExit(f"the load client failed: {done.stderr[-500:]}")
        report: Report = json.loads(done.stdout)
        return report
