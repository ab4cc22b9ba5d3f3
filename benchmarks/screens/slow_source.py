"""A source of metrics that takes its time, and how long pages keep somebody waiting who is the first to look.

``frame_ms``: until the page's heading was sent; ``over_slowest_ms``: from the source's slowest answer until all of the page was.
"""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.screens.load import Load
from benchmarks.screens.pages import ASKED

SECONDS = 0.3
LOOKS = (("traffic", ("range=15m", "range=6h", "range=24h")), ("explorer", (ASKED,)), ("", ("",)))  # each asks what nobody asked before
_MEMORY_SECONDS = 16  # so long a console shows the figures that it read before
_FORWARDED = ("content-type",)


@dataclass
class SlowSource:
    """Every answer of a metrics server, so many seconds later; ``took`` holds how long each was under way."""

    target: str
    took: list[float] = field(default_factory=list)
    url: str = ""


@contextmanager
def slow_source(target: str) -> Iterator[SlowSource]:
    """On a loopback port of its own."""
    source = SlowSource(target)
    with httpx.Client(base_url=target, timeout=30, limits=httpx.Limits(max_connections=64)) as client:

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                begun = time.perf_counter()
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                time.sleep(SECONDS)
                kept = {name: self.headers[name] for name in _FORWARDED if name in self.headers}
                answer = client.request(self.command, self.path, content=body, headers=kept)
                self.send_response(answer.status_code)
                self.send_header("content-type", answer.headers.get("content-type", ""))
                self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)
                source.took.append(time.perf_counter() - begun)

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the report alone is printed."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        source.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield source
        finally:
            server.shutdown()
            server.server_close()


def looks(console: Load, source: SlowSource) -> dict[str, dict[str, float]]:
    """By page, the medians of some first looks; one before them is not counted, as the source's own processes come up."""
    asyncio.run(_look(console, "traffic", "range=1h"))
    return {page or "now": _page(console, source, page, queries) for page, queries in LOOKS}


def _page(console: Load, source: SlowSource, page: str, queries: Sequence[str]) -> dict[str, float]:
    frames, overs = [], []
    for query in queries:
        if not page:
            time.sleep(_MEMORY_SECONDS)
        source.took.clear()
        frame, whole = asyncio.run(_look(console, page, query))
        if not source.took:
            raise SystemExit(f"'{page}' asked its source nothing: it was no first look")
        frames.append(frame)
        overs.append(whole - max(source.took))
    return {"frame_ms": round(statistics.median(frames) * 1000, 1), "over_slowest_ms": round(statistics.median(overs) * 1000, 1)}


async def _look(console: Load, page: str, query: str) -> tuple[float, float]:
    """Seconds until the heading, and until the end."""
    headers = {"Origin": console.url, "Cookie": "; ".join(console.cookies)}
    address = f"{console.url.replace('http', 'ws', 1)}/_stcore/stream"
    names = [websockets.Subprotocol(name) for name in ("streamlit", "-")]
    async with websockets.connect(address, subprotocols=names, additional_headers=headers, max_size=None) as socket:
        begun, heading = time.perf_counter(), 0.0
        await socket.send(_asking(console.url, page, query))
        async for data in socket:
            message = ForwardMsg.FromString(data)
            if not heading and message.delta.new_element.markdown.body.startswith("# "):
                heading = time.perf_counter() - begun
            if message.WhichOneof("type") == "script_finished":
                break
        return heading, time.perf_counter() - begun


def _asking(url: str, page: str, query: str) -> bytes:
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    about = message.rerun_script.context_info
    about.timezone, about.locale, about.color_scheme, about.url = "UTC", "en-US", "light", f"{url}/{page}"
    return bytes(message.SerializeToString())
