"""Trouble on purpose, in words: what is done to calls, by whom, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from components import markup
from components.times import Watch, percent, seconds_word
from components.wording import say


def words(document: Mapping[str, Any]) -> str:
    """'each call 2 s later, 50 % fail'."""
    late, failed, broken = (float(document.get(name) or 0.0) for name in ("latency_seconds", "error_ratio", "disconnect_ratio"))
    parts = [say("faults.late", late=seconds_word(late))] if late else []
    parts += [say("faults.failed", ratio=percent(failed))] if failed else []
    parts += [say("faults.broken", ratio=percent(broken))] if broken else []
    return ", ".join(parts)


def sentence(fault: Any, watch: Watch) -> str:
    """Which dependency, by whom, until when, what, and why."""
    title = markup.text(fault.title)
    name = markup.text(fault.actor_name) if fault.actor_name else say("faults.somebody")
    until = f" {say('faults.until', at=watch.clock(fault.ends_at), left=watch.until(fault.ends_at))}" if fault.ends_at else ""
    why = f" {say('faults.why', reason=markup.text(markup.short(fault.reason, 80)))}" if fault.reason else ""
    return say("faults.banner", title=title, name=name, until=until, what=words(fault.fault), why=why)


def unknown(known: Sequence[Any], watch: Watch) -> str:
    """Faults were known of, and now nobody can tell."""
    ends = [fault.ends_at for fault in known if fault.ends_at]
    latest = f" {say('faults.unknown_until', at=watch.clock(max(ends)))}" if ends else ""
    return say("faults.unknown", titles=", ".join(markup.text(fault.title) for fault in known), latest=latest)


def still_possible(known: Sequence[Any], now: datetime) -> list[Any]:
    """Of the faults once known, those whose time is not over: past it, a fault is none in every process."""
    return [fault for fault in known if fault.ends_at is None or fault.ends_at > now]
