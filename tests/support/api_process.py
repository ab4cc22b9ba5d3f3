"""One API process as production starts it (``python -m backend api``), on SQLite, with a collector of traces and a geocoder beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from backend.accounts.keys import console_token
from backend.storage.database import Database, sqlite_url
from backend.storage.migrate import migrate
from tests.support.ports import free_ports
from tests.support.processes import until

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret of this test alone, long enough"


class Sink:
    """Takes whatever is sent to it, and answers with ``answer``."""

    def __init__(self, answer: bytes = b"", media_type: str = "application/json") -> None:
        self.bodies: list[bytes] = []
        self.heads: list[dict[str, str]] = []
        self.answer, self.status = answer, 200
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                sink.bodies.append(self.rfile.read(int(self.headers.get("content-length", 0))))
                self.do_GET()

            def do_GET(self) -> None:
                sink.heads.append({name.lower(): value for name, value in self.headers.items()})
                self.send_response(sink.status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(sink.answer)))
                self.end_headers()
                self.wfile.write(sink.answer)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class ApiProcess:
    """Started and stopped by ``with``; ``settings`` without their prefix."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_ports(1)[0]
        self.database_url = sqlite_url(folder / "astrolabe.db")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ASTROLABE_", "PROMETHEUS_"))}
        given = {"STATE_DIR": str(folder), "API_PORT": str(self.port), "SECRET_KEY": SECRET, **settings}
        self.environment = {**inherited, **{f"ASTROLABE_{name}": value for name, value in given.items()}}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> dict[str, str]:
        return {"authorization": f"Bearer {console_token(SECRET)}"}

    @property
    def log(self) -> str:
        return (self.folder / "api.log").read_text()

    @property
    def operations(self) -> str:
        lines = (json.loads(line) for line in self.log.splitlines() if line.startswith("{"))
        return str(next(line["operations_url"] for line in lines if line["event"] == "api_serving"))

    def __enter__(self) -> Self:
        database = Database(self.database_url)
        migrate(database)
        database.close()
        with (self.folder / "api.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend", "api"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        if not until(self._is_ready, 60.0):
            self.stop()
            raise AssertionError(self.log)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> int:
        """A clean stop: what waits is written and sent."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(30)

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(self.log)
        try:
            return httpx.get(f"{self.url}/livez", timeout=5.0).status_code == 200
        except httpx.TransportError:
            return False
