"""Lines as they stand in files, and as they are kept: one JSON object each. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from backend.monitoring.logs.record import LEVELS, LogLine

LONGEST_BODY = 16_384  # bytes kept of one line
LONGEST_VALUES = {"role": 16, "instance": 36, "request_id": 64, "trace_id": 32, "actor_id": 64, "route": 128, "event": 128, "source": 128}
NOT_READ = "lines_not_read"


@dataclass(frozen=True)
class Position:
    """How much of a file was read, in bytes; ``id`` is known by its beginning, wherever the file is moved."""

    id: str
    name: str
    position: int
    size: int
    host: str
    read_at: datetime


def line_of(raw: bytes | str, now: datetime, line_id: str = "") -> LogLine:
    """The event that a line tells."""
    return _told(raw, now, line_id) or _not_read([raw], now, line_id)


def lines_of(data: bytes, now: datetime, file: str) -> list[LogLine]:
    """The events of a piece of a file. What is none (a library's last words, a line broken by a full disk) becomes one event that
    says how much of it there is: its text may hold what nobody may read."""
    raws = [raw for raw in data.split(b"\n") if raw]
    told = [_told(raw, now) for raw in raws]
    rest = [raw for raw, line in zip(raws, told, strict=True) if line is None]
    return [line for line in told if line is not None] + ([_not_read(rest, now, file=file)] if rest else [])


def _told(raw: bytes | str, now: datetime, line_id: str = "") -> LogLine | None:
    document = _document(raw)
    if not isinstance(document, dict) or not isinstance(document.get("event"), str):
        return None
    return _event(document, now, line_id)


def _not_read(raws: Sequence[bytes | str], now: datetime, line_id: str = "", file: str = "") -> LogLine:
    fields = {"lines": len(raws), "bytes": sum(map(len, raws)), **({"file": file} if file else {})}
    return LogLine(line_id, now, "warning", NOT_READ, __name__, fields=fields)


def _document(raw: bytes | str) -> Any:
    """None for what is no JSON. Halves of characters, which JSON can write and nothing can show, become question marks."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            return orjson.loads(json.dumps(json.loads(raw), ensure_ascii=False).encode(errors="replace"))
        except (ValueError, RecursionError):
            return None


def _event(document: dict[str, Any], now: datetime, line_id: str) -> LogLine:
    at, level = _time(document.pop("at", None)) or now, document.pop("level", "info")
    named = {name: text for name in LONGEST_VALUES if (text := _text(document.pop(name, None), LONGEST_VALUES[name])) is not None}
    level = level if level in LEVELS else "info"
    return LogLine(line_id, at, level, fields=document, **named)


def _text(value: object, longest: int) -> str | None:
    if value is None:
        return None
    text = str(value)[:longest]
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def body_of(line: LogLine) -> str:
    """The line as it is kept; of one that is too long, its fields are left out and it says so."""
    body = _json(line.document())
    if len(body) <= LONGEST_BODY:
        return body
    cut = {"bytes_left_out": len(_json(dict(line.fields)))}
    return _json({name: value for name, value in line.document().items() if name not in line.fields} | cut)


def _json(document: dict[str, Any]) -> str:
    """NUL is no text to PostgreSQL; in JSON it is written out, as any other control sign."""
    return orjson.dumps(document, default=str).decode()
