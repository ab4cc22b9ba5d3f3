"""The loopback port on which a process without an HTTP server of its own shows its metrics, and that it is alive."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from backend.telemetry.logging import log

LOG = log(__name__)
HOST = "127.0.0.1"
PATIENCE_SECONDS = 5.0  # for a caller who begins a request and does not end it
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
Expose = Callable[[str], tuple[str, bytes]]


class OperationsPort:
    """``expose(accept)`` gives media type and content of ``/metrics``. Only GET and HEAD, only by a loopback name, so that no page of
    a browser can be led here."""

    def __init__(self, expose: Expose, port: int = 0) -> None:
        self._server = _Server((HOST, port), _Handler)
        self._server.expose = expose
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="operations-port", daemon=True)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()
        LOG.info("operations_port_serving", operations_url=self.address)

    def close(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    expose: Expose

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the library names them
        """Whoever asked has gone, or we failed; it is told as our other lines are, not as a text on stderr."""
        LOG.warning("operations_port_failed", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version, sys_version = "astrolabe", ""
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_SECONDS

    def do_GET(self) -> None:
        self._answer(*self._content())

    def do_HEAD(self) -> None:
        self._answer(*self._content(), whole=False)

    def _content(self) -> tuple[int, str, bytes]:
        hosts = self.headers.get_all("host") or []
        if len(hosts) != 1 or not _LOOPBACK.fullmatch(hosts[0]):
            return 403, "text/plain", b"ask by a loopback name\n"
        match self.path.partition("?")[0]:
            case "/metrics":
                media_type, content = self.server.expose(self.headers.get("accept", ""))
                return 200, media_type, content
            case "/livez":
                return 200, "application/json", b'{"alive":true}'
            case _:
                return 404, "text/plain", b"there are /metrics and /livez\n"

    def _answer(self, status: int, media_type: str, content: bytes, *, whole: bool = True) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if whole:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the library would write addresses as text on stderr."""
