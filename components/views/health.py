"""The state of our own stores in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components import markup
from components.state import state
from components.times import seconds_word
from components.wording import say


def word_of(store: Any) -> tuple[str, str]:
    """Kind and word: not known is neither good nor bad."""
    if store.reachable is None:
        return "neutral", "Not told"
    return ("ok", "Answers") if store.reachable else ("bad", "Away")


def verdict(stores: Sequence[Any], at: str) -> tuple[str, str, str]:
    """Kind, headline and detail over all stores."""
    away = [store for store in stores if store.reachable is False]
    if away:
        names = ", ".join(markup.text(store.title) for store in away)
        kind = "bad" if any(store.essential for store in away) else "watch"
        return kind, say("health.away" if len(away) == 1 else "health.away_several", names=names), say("health.away_detail", at=at)
    known = [store for store in stores if store.reachable]
    slowest = max((store.latency_seconds or 0 for store in known), default=None)
    return "ok", say("health.all", count=len(known)), say("health.all_detail", slowest=seconds_word(slowest), at=at)


def rows(stores: Sequence[Any]) -> list[dict[str, str]]:
    """One row a store: state, how fast, what it said, and what is hidden without it."""
    return [
        {
            "Store": f"**{markup.text(store.title)}**  \n:gray[{markup.text(store.detail)}]",
            "State": f"{state(*word_of(store))}  \n:gray[{seconds_word(store.latency_seconds)}]",
            "Without it": f":gray[{markup.sentence(store.hides)}]",
        }
        for store in stores
    ]


def processes(instances: Sequence[Any], watch: Any) -> list[dict[str, str]]:
    """One row a running process."""
    return [
        {
            "Process": f"**{markup.text(one.role)}** {markup.code(markup.brief_id(one.id))}  \n:gray[version {markup.text(one.version)}]",
            "Host": f"{markup.text(one.host)}  \n:gray[pid {one.process_id}]",
            "Running for": f"{watch.ago(one.started_at)}  \n:gray[{_heard(one, watch)}]",
        }
        for one in sorted(instances, key=lambda one: (one.role, one.started_at))
    ]


def _heard(instance: Any, watch: Any) -> str:
    return f"heard of {watch.ago(instance.seen_at)} ago" if instance.seen_at else "never heard of"
