"""The whole product as a user starts it, in a folder and on ports of its own."""

from __future__ import annotations

import html
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Self

import httpx

from tests.support.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
ADMIN = "ana"
PASSWORD = "correct horse battery staple"


class Product:
    """``python -m backend run`` (or ``demo``); reads what it prints, and stops it at the end."""

    def __init__(self, folder: Path, command: str = "run", environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.command = command
        self.api_port, self.console_port, self.metrics_port = free_ports(3)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ASTROLABE_")},
            "ASTROLABE_STATE_DIR": str(folder),
            "ASTROLABE_API_PORT": str(self.api_port),
            "ASTROLABE_CONSOLE_PORT": str(self.console_port),
            "ASTROLABE_METRICS_PORT": str(self.metrics_port),
            **(environment or {}),
        }
        self.lines: list[str] = []
        self._kept: httpx.Cookies | None = None
        self._arrived: Queue[str | None] = Queue()

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.console_port}"

    @property
    def metrics(self) -> str:
        return f"http://127.0.0.1:{self.metrics_port}"

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self, within_seconds: float = 120.0) -> None:
        """Start and wait until it says how to stop it, which is its last line when all is up."""
        self.begin()
        self.wait_for_line("Ctrl-C stops everything", within_seconds)

    def begin(self) -> None:
        """Start, and wait for nothing."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend", self.command],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            self._arrived.put(line)
        self._arrived.put(None)

    def wait_for_line(self, words: str, within_seconds: float) -> str:
        """The first new line that has these words."""
        while True:
            try:
                line = self._arrived.get(timeout=within_seconds)
            except Empty:
                line = None
            if line is None:
                self.stop()
                raise AssertionError(f"'{words}' was not said; instead:\n" + "\n".join(self.lines))
            if words in line:
                return line

    @property
    def setup_code(self) -> str:
        """The one-time code, which stands on the line after the sentence that announces it."""
        announced = next(number for number, line in enumerate(self.lines) if "set-up code" in line)
        return self.lines[announced + 1].strip()

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(timeout=40)

    def create_admin(self) -> None:
        """Redeem the set-up code as a browser would."""
        with httpx.Client(base_url=self.console, headers={"origin": self.console}) as browser:
            post_form(browser, "/setup", code=self.setup_code, name=ADMIN, password=PASSWORD)

    def browser_cookies(self) -> list[dict[str, str]]:
        """A session of the admin, created if need be, as a browser keeps it; the same for all who ask."""
        if self._kept is None:
            if httpx.get(f"{self.console}/login").headers.get("location") == "/setup":
                self.create_admin()
            self._kept = self.sign_in()
        return [{"name": name, "value": value, "url": self.console} for name, value in self._kept.items()]

    def sign_in(self, name: str = ADMIN, password: str = PASSWORD) -> httpx.Cookies:
        """The cookies of a fresh session."""
        with httpx.Client(base_url=self.console, headers={"origin": self.console}) as browser:
            post_form(browser, "/login", name=name, password=password)
            return browser.cookies


def post_form(browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Fill in the page's own form, its token included; the answer must lead on."""
    page = browser.get(path)
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token, f"{path} shows no form: {page.status_code}"
    answer = browser.post(path, data={**fields, "token": html.unescape(token[1])})
    assert answer.status_code == 303, f"{path} answered {answer.status_code}: {re.sub('<[^>]+>', ' ', answer.text)[-600:]}"
    return answer
