"""A small Loki over HTTP: query_range and label values over lines given to it, for the part of LogQL that we write.

It reads a query by rules of its own, written from Loki's documentation, so that a query which Loki would refuse is refused here:
https://grafana.com/docs/loki/latest/query/log_queries/ and https://grafana.com/docs/loki/latest/reference/loki-http-api/.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import re2

_STRING = r'"((?:[^"\\]|\\.)*)"'
_SELECTOR = re.compile(r"\{\s*([a-z_]+)\s*=\s*" + _STRING + r"\s*\}")
_LINE = re.compile(r"(\|=|!=|\|~|!~)\s*" + _STRING)
_LABEL = re.compile(r"\|\s*([a-z_]+)\s*(=~|!=|=)\s*" + _STRING)
_COUNTING = re.compile(r"sum by \(level\) \(count_over_time\((.*) \[(\d+)s\]\)\)")
Keep = Callable[[str, dict[str, Any]], bool]
Entry = tuple[int, str]  # nanoseconds, text


class Refused(Exception):
    """A query that is none; Loki answers 400 with a text."""


class Loki:
    """Holds lines of one stream, labelled app="astrolabe" and by role."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.asked: list[str] = []
        self.answer: Callable[[], tuple[int, bytes]] | None = None  # instead of a good one
        self.url = ""

    def add(self, instant: int, document: dict[str, Any]) -> None:
        self.entries.append((instant, json.dumps(document)))

    def query_range(self, given: dict[str, str]) -> dict[str, Any]:
        query, start, end = given["query"], int(given["start"]), int(given["end"])
        counting = _COUNTING.fullmatch(query)
        if counting:
            return self._counts(counting[1], int(counting[2]), start, end, int(given["step"]))
        limit, backward = int(given.get("limit", "100")), given.get("direction", "backward") == "backward"
        if limit > 5000:
            raise Refused("max entries limit per query exceeded")
        keep = _pipeline(query)
        found = sorted((one for one in self.entries if start <= one[0] < end and _kept(one, keep)), reverse=backward)[:limit]
        streams: dict[str, list[list[str]]] = {}
        for instant, text in found:
            streams.setdefault(json.loads(text).get("role", ""), []).append([str(instant), text])
        result = [{"stream": {"app": "astrolabe", "role": role}, "values": values} for role, values in streams.items()]
        return {"status": "success", "data": {"resultType": "streams", "result": result, "stats": {}}}

    def _counts(self, query: str, window: int, start: int, end: int, step: int) -> dict[str, Any]:
        """Each step counts the window that ends there: left open, as Loki's range vectors are."""
        keep, series = _pipeline(query), {}
        for at in range(start, end + 1, step):
            low, high = (at - window) * 10**9, at * 10**9
            for instant, text in self.entries:
                if low < instant <= high and _kept((instant, text), keep):
                    level = json.loads(text).get("level", "")
                    counts = series.setdefault(level, {})
                    counts[at] = counts.get(at, 0) + 1
        result = [
            {"metric": {"level": level}, "values": [[at, str(count)] for at, count in counts.items()]} for level, counts in series.items()
        ]
        return {"status": "success", "data": {"resultType": "matrix", "result": result, "stats": {}}}

    def label_values(self, name: str) -> dict[str, Any]:
        found = sorted({json.loads(text).get(name) for _, text in self.entries} - {None, ""})
        return {"status": "success", "data": found} if found else {"status": "success"}


def _kept(entry: Entry, keep: Sequence[Keep]) -> bool:
    document = json.loads(entry[1])
    return all(one(entry[1], document) for one in keep)


def _pipeline(query: str) -> list[Keep]:
    """The stages of a query; Refused for anything that is not one of those."""
    begin = _SELECTOR.match(query)
    if not begin or _text(begin[2]) != "astrolabe":
        raise Refused("parse error: queries require at least one regexp or equality matcher")
    keep, place, is_read = [], begin.end(), False
    while place < len(query.rstrip()):
        rest = query[place:].lstrip()
        place = len(query) - len(rest)
        line, label = _LINE.match(rest), _LABEL.match(rest)
        if rest.startswith("| json"):
            is_read, taken = True, len("| json")
        elif label and is_read:
            keep.append(_label(label[1], label[2], _text(label[3])))
            taken = label.end()
        elif line and not is_read:
            keep.append(_line(line[1], _text(line[2])))
            taken = line.end()
        else:
            raise Refused(f"parse error at line 1, col {place}: syntax error")
        place += taken
    return keep


def _text(escaped: str) -> str:
    """A string of Go; of its escapes those that we may write."""
    try:
        return str(json.loads(f'"{escaped}"'))
    except ValueError as error:
        raise Refused("parse error: invalid string") from error


def _pattern(text: str) -> Any:
    try:
        return re2.compile(text)
    except re2.error as error:
        raise Refused(f"error parsing regexp: {error}") from error


def _line(operator: str, text: str) -> Keep:
    if operator in ("|=", "!="):
        return lambda line, _: (text in line) == (operator == "|=")
    pattern = _pattern(text)
    return lambda line, _: bool(pattern.search(line)) == (operator == "|~")


def _label(name: str, operator: str, text: str) -> Keep:
    pattern = _pattern(f"(?:{text})") if operator == "=~" else None

    def keep(_: str, document: dict[str, Any]) -> bool:
        value = str(document.get(name) or "")
        if pattern is not None:
            return bool(pattern.fullmatch(value))
        return (value == text) == (operator == "=")

    return keep


@contextmanager
def serving() -> Iterator[Loki]:
    """On loopback, until the end of the block."""
    loki = Loki()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(loki))
    loki.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield loki
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(loki: Loki) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = self._answer()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _answer(self) -> tuple[int, bytes]:
            if loki.answer is not None:
                return loki.answer()
            parts = urlsplit(self.path)
            given = {name: values[0] for name, values in parse_qs(parts.query).items()}
            loki.asked.append(given.get("query", ""))
            label = re.fullmatch(r"/loki/api/v1/label/([a-z_]+)/values", parts.path)
            try:
                if parts.path == "/loki/api/v1/query_range":
                    return 200, json.dumps(loki.query_range(given)).encode()
                return (200, json.dumps(loki.label_values(label[1])).encode()) if label else (404, b"404 page not found\n")
            except Refused as error:
                return 400, str(error).encode()

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler
