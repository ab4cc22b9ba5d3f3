"""Identifiers: UUIDv7 for rows and requests, W3C trace context for the way through."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def uuid7(now: datetime, random_bits: Callable[[int], int] = secrets.randbits) -> str:
    """A UUID of version 7 (RFC 9562, section 5.7): sortable by ``now`` to the millisecond."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    value = milliseconds << 80 | 0x7 << 76 | random_bits(12) << 64 | 0b10 << 62 | random_bits(62)
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def accepted_request_id(text: str | None) -> str | None:
    """The caller's own request id if it is harmless, else None."""
    return text if text is not None and _REQUEST_ID.fullmatch(text) else None


@dataclass(frozen=True)
class TraceContext:
    """One hop of a trace; ``header`` is its ``traceparent``. ``parent_id``: the caller's span, or '' where the trace begins."""

    trace_id: str
    span_id: str
    flags: str = "00"
    parent_id: str = ""

    @property
    def header(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def trace_context(traceparent: str | None, random_bits: Callable[[int], int] = secrets.randbits, *, new_flags: str = "00") -> TraceContext:
    """Go on with the caller's trace (W3C Trace Context, version 00) under a span of our own, or begin one with ``new_flags``."""
    span_id = f"{random_bits(64) | 1:016x}"
    match = _TRACEPARENT.fullmatch(traceparent or "")
    if match and set(match[1]) != {"0"} and set(match[2]) != {"0"}:
        return TraceContext(match[1], span_id, match[3], match[2])
    return TraceContext(f"{random_bits(128) | 1:032x}", span_id, new_flags)
