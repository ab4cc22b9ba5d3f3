"""The parser in a process of its own: what overruns its stack ends that process and costs one query."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import Any

_GRAMMAR = Path(__file__).with_name("grammar.py")
UNREADABLE = "the query cannot be read"


class GrammarProcess:
    """Begun when it is first asked, and again once it has died; threads take turns."""

    def __init__(self, patience_seconds: float = 5.0) -> None:
        self._patience = patience_seconds
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def tree(self, text: str) -> Any:
        """The plain tree of backend.monitoring.promql.grammar; ValueError says what is wrong with ``text``."""
        with self._lock:
            answer = self._asked(json.dumps(text).encode() + b"\n")
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["tree"]

    def _asked(self, line: bytes) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(line)
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], self._patience)
            answer = process.stdout.readline() if ready else b""
        except OSError:
            answer = b""
        if not answer:
            self._end()
            return {"error": UNREADABLE}
        found: dict[str, Any] = json.loads(answer)
        return found

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # a fork shares the pipes of its parent, and must not talk on them
            self._process = None
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", str(_GRAMMAR)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", "")},  # it needs no settings, so it gets no secrets
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
