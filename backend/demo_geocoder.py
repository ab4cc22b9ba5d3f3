"""The demo's geocoder: Nominatim's protocol over the offline index, on loopback alone, with switches for delay, errors and death."""

from __future__ import annotations

import argparse
import json
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from backend.clock import Clock, SystemClock
from backend.integrations.place import Place
from backend.integrations.places import PlaceIndex, build_index

_LONGEST_DELAY = 60.0
_LARGEST_SWITCH = 1000


@dataclass(frozen=True)
class Switches:
    """How it misbehaves: waits so long, fails such a share of requests, or drops every connection."""

    delay_seconds: float = 0.0
    error_ratio: float = 0.0
    dead: bool = False

    def changed(self, document: Any) -> Switches:
        """With the fields that the document names; ValueError for anything else."""
        if not isinstance(document, dict) or not document.keys() <= asdict(self).keys():
            raise ValueError("name some of delay_seconds, error_ratio, dead")
        changed = replace(self, **document)
        numbers = (changed.delay_seconds, changed.error_ratio)
        if any(isinstance(number, bool) or not isinstance(number, (int, float)) for number in numbers) or not isinstance(
            changed.dead, bool
        ):
            raise ValueError("delay_seconds and error_ratio are numbers, dead is true or false")
        if not 0 <= changed.delay_seconds <= _LONGEST_DELAY or not 0 <= changed.error_ratio <= 1:
            raise ValueError(f"delay_seconds lies in 0..{_LONGEST_DELAY:g}, error_ratio in 0..1")
        return changed


class DemoGeocoder:
    """One server; ``port`` 0 takes a free one. ``serve`` until ``stop``."""

    def __init__(self, index: PlaceIndex, clock: Clock, random: Callable[[], float], port: int = 0) -> None:
        self._server = _Server(index, clock, random, port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> int:
        """Searches so far."""
        return self._server.searches

    def switch(self, switches: Switches) -> None:
        self._server.switches = switches

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.1)

    def start(self) -> DemoGeocoder:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve, name="demo-geocoder", daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """What all connections share."""

    daemon_threads = True

    def __init__(self, index: PlaceIndex, clock: Clock, random: Callable[[], float], port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.index = index
        self.clock = clock
        self.random = random
        self.switches = Switches()
        self.searches = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes; the second would wait for an acknowledgement
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        if target.path == "/_switch":
            self._answer(200, asdict(self.server.switches))
        elif target.path == "/search":
            self._search(parse_qs(target.query))
        else:
            self._answer(404, {"error": "there is only /search here"})

    def do_POST(self) -> None:
        if self.path != "/_switch":
            return self._answer(404, {"error": "only /_switch takes a POST"})
        try:
            length = min(int(self.headers.get("content-length") or 0), _LARGEST_SWITCH)
            self.server.switches = self.server.switches.changed(json.loads(self.rfile.read(length)))
        except (ValueError, TypeError) as error:
            return self._answer(400, {"error": str(error)})
        return self._answer(200, asdict(self.server.switches))

    def _search(self, query: dict[str, list[str]]) -> None:
        switches = self.server.switches
        self.server.searches += 1
        if switches.dead:
            self.close_connection = True
            return
        self.server.clock.sleep(switches.delay_seconds)
        if self.server.random() < switches.error_ratio:
            self._answer(500, {"error": "switched to fail"})
            return
        places = self.server.index.search(query.get("q", [""])[0], _limit(query))
        self._answer(200, [_row(number, place) for number, place in enumerate(places, 1)])

    def _answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # whoever asked has gone
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what people ask for is not written down."""


def _limit(query: dict[str, list[str]]) -> int:
    text = query.get("limit", ["10"])[0]
    return max(1, min(int(text), 40)) if text.isascii() and text.isdigit() else 10


def _row(number: int, place: Place) -> dict[str, Any]:
    """As Nominatim's ``jsonv2`` has it."""
    return {
        "place_id": number,
        "licence": "Data (c) GeoNames, CC BY 4.0",
        "category": "place",
        "type": "city",
        "addresstype": "city",
        "lat": str(place.latitude),
        "lon": str(place.longitude),
        "name": place.name,
        "display_name": place.label,
        "address": {"city": place.name, "country_code": place.country.lower(), **({"state": place.admin} if place.admin else {})},
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m backend.demo_geocoder", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--index", type=Path, required=True, help="the index of places; built when it is not there")
    options = parser.parse_args(arguments)
    geocoder = DemoGeocoder(PlaceIndex(build_index(options.index)), SystemClock(), random.random, options.port)
    try:
        geocoder.serve()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
