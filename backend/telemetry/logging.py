"""Log lines: one JSON object a line on stderr, with request and trace id, and never a word of anybody's input.

An exception is logged as its type and the places it went through; its message is left out, as it may quote what a caller sent.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable, MutableMapping
from itertools import count
from pathlib import Path
from typing import Any, TextIO, cast

import orjson
import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars

from backend.telemetry import process_metrics
from backend.telemetry.definitions import Reading, Row, one
from backend.telemetry.repeats import Repeats
from backend.telemetry.stream import FollowedFile, LossyStream

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
TOLD_LEVELS = (*LEVELS, "critical")
REPEATABLE = frozenset({"warning", "error", "critical"})
DEEPEST_FRAMES = 8

Event = MutableMapping[str, Any]
_info_lines: list[Callable[[Event], None]] = []  # one, once logging is set up
_told = {level: count() for level in TOLD_LEVELS}  # each hands out numbers without a lock of its own
_streams: list[LossyStream] = []
_repeats = Repeats()


def configure(level: str, role: str, instance: str, stream: TextIO | None = None, *, file: Path | None = None) -> None:
    """Write every log line of this process, ours and the libraries', as JSON to ``stream`` (stderr), or to ``file``, with
    all else that is said on stderr.

    Ours go there directly; only the libraries' pass through the standard library's logging, which costs ten times as much.
    """
    out = LossyStream(FollowedFile(file) if file else stream or sys.stderr)
    _streams[:] = [out]
    shared = [merge_contextvars, _stamp(role, instance), structlog.processors.add_log_level, _place_of_exception]
    timed = structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")
    processors = [*shared, _count, _sample, timed, _render]
    _info_lines[:] = [_lines_to(out, [*shared, _count, timed, _render]) if LEVELS[level] <= logging.INFO else _no_lines]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, out)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(cast(TextIO, out))
    handler.addFilter(_sampled)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, timed],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    _take_over(handler, LEVELS[level])


def _take_over(handler: logging.Handler, level: int) -> None:
    """Make ``handler`` the only way out; libraries speak from 'warning' on, as their info lines may quote addresses and input."""
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("httpx", "httpcore", "urllib3", "asyncio", "sqlalchemy", "alembic", "uvicorn", "uvicorn.error", "watchdog"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.setLevel(max(level, logging.WARNING))
        library.propagate = True
    logging.getLogger("uvicorn.access").disabled = True


def log(name: str) -> Any:
    """A logger: ``log(__name__).info("event_name", key=value)``."""
    return structlog.get_logger(name, source=name)


def info_line(event: str, source: str, values: Event) -> None:
    """The same line as ``log(source).info(event, **values)`` at half of its price: for what is said of each request."""
    if _info_lines:
        _info_lines[0]({**values, "source": source, "event": event})
    else:  # logging was not set up
        log(source).info(event, **values)


def _lines_to(out: LossyStream, processors: list[Any]) -> Callable[[Event], None]:
    def write(line: Any) -> None:
        for process in processors:
            line = process(None, "info", line)
        out.write(line + "\n")

    return write


def _no_lines(_line: Event) -> None:
    """For a level above info."""


def bind(**values: str) -> None:
    """Put ``values`` on every later line of this request or job."""
    bind_contextvars(**values)


def begin(**values: str) -> None:
    """Forget what an earlier request bound, and bind ``values``."""
    clear_contextvars()
    bind_contextvars(**values)


def _stamp(role: str, instance: str) -> Any:
    def add(_logger: Any, _method: str, event: Event) -> Event:
        event["role"] = role
        event["instance"] = instance
        return event

    return add


def _count(_logger: Any, _method: str, event: Event) -> Event:
    next(_told[event["level"]])
    return event


def _sample(_logger: Any, _method: str, event: Event) -> Event:
    """Leave out what was just said many times over; the next one written says how often."""
    level = event["level"]
    if level in REPEATABLE:
        places = event.get("error_at") or ("",)
        unwritten = _repeats.is_written(level, (event.get("source", ""), event["event"], event.get("error_type", ""), places[-1]))
        if unwritten is None:
            raise structlog.DropEvent
        if unwritten:
            event["unwritten"] = unwritten
    return event


def _sampled(record: logging.LogRecord) -> bool:
    """The same for the libraries' lines, which are told apart by their words before anything is put into them."""
    level = record.levelname.lower()
    next(_told[level if level in _told else "error"])
    return level not in REPEATABLE or _repeats.is_written(level, (record.name, str(record.msg))) is not None


def readings() -> list[Reading]:
    """How many lines this process told, left out as repetitions, and lost."""
    return [
        Reading(process_metrics.LOG_LINES, [Row((level,), _handed_out(told)) for level, told in _told.items()]),
        Reading(process_metrics.LOG_SUPPRESSED, [Row((level,), _repeats.suppressed[level]) for level in sorted(REPEATABLE)]),
        one(process_metrics.LOG_LOST, sum(stream.lost_in_all for stream in _streams)),
    ]


def _handed_out(numbers: count[int]) -> int:
    """How many it gave so far, without taking one."""
    return int(repr(numbers)[len("count(") : -1])


def _place_of_exception(_logger: Any, _method: str, event: Event) -> Event:
    """Turn ``exc_info`` into type and places, without the message."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event["error_type"] = type(error).__name__
        event["error_at"] = places_of(error)
    return event


def places_of(error: BaseException) -> list[str]:
    """The innermost places an exception went through, as ``module file:line function``, without values."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST_FRAMES:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames]


def _render(_logger: Any, _method: str, event: Event) -> str:
    """One line of JSON in ASCII, so that one event is one line to every reader, whatever it holds."""
    line = orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS)
    return line.decode() if line.isascii() else json.dumps(event, default=str)
