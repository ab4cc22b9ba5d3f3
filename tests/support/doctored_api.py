"""A stand-in for the API that asks the real one and moves one body of its answers, as a faulty upgrade would."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.support.answers import moved


@contextmanager
def doctored_api(base: str, body: str, degrees: float) -> Iterator[str]:
    """Its address, while it answers."""

    class Doctor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def log_message(self, *_: Any) -> None:
            """Nothing is said."""

        def _pass_on(self) -> None:
            sent = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() in ("authorization", "content-type")}
            answer = httpx.request(self.command, base + self.path, headers=headers, content=sent, trust_env=False, timeout=20)
            document = _with_moved(answer.json(), body, degrees)
            self.send_response(answer.status_code)
            content = json.dumps(document).encode()
            for name, value in (("content-type", "application/json"), ("content-length", str(len(content)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Doctor)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _with_moved(document: dict[str, Any], body: str, degrees: float) -> dict[str, Any]:
    for place in document.get("bodies", []):
        if place["body"] == body:
            moved(place, degrees)
    return document
