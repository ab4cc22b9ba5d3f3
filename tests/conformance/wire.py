"""HTTP/1.1 written by hand: what a well-behaved client library refuses to send."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """What came back, and how long the whole of it took."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True)
class Message:
    """A request as it goes over the wire; ``framed`` False sends no Content-Length and leaves the framing to the headers."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    framed: bool = True

    def head(self, host: str) -> bytes:
        length = [("Content-Length", str(len(self.body)))] if self.framed and (self.body or self.method == "POST") else []
        given = {name.lower() for name, _ in self.headers}
        own = [(name, value) for name, value in [("Host", host), ("Connection", "close"), *length] if name.lower() not in given]
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in [*own, *self.headers])]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogatepass")


def send(base: str, message: Message) -> Answer:
    """One request on a connection of its own. OSError when nothing readable came back."""
    address = urlsplit(base)
    begun = time.monotonic()
    with _connected(address.hostname or "", address.port or (443 if address.scheme == "https" else 80), address.scheme) as wire:
        try:
            wire.sendall(message.head(address.netloc))
            wire.sendall(message.body)
        except OSError:
            pass  # refused while we were still sending: its answer is what counts
        return _read(wire, begun)


def _connected(host: str, port: int, scheme: str) -> socket.socket:
    wire = socket.create_connection((host, port), PATIENCE_SECONDS)
    if scheme != "https":
        return wire
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(wire, server_hostname=host)


def _read(wire: socket.socket, begun: float) -> Answer:
    received = bytearray()
    try:
        while chunk := wire.recv(65536):
            received += chunk
    except OSError:
        pass  # a reset after the answer
    if not received:
        raise OSError("the connection was closed without an answer")
    response = http.client.HTTPResponse(_Replay(bytes(received)))  # type: ignore[arg-type]
    response.begin()
    body = response.read()
    return Answer(response.status, response.headers, body, time.monotonic() - begun)


class _Replay:
    """Received bytes, in the shape of a socket that http.client can read."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)
