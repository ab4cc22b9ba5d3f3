"""Stored cases as rows and facts; what is in them stays closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.accounts.cases import Case
from components import markup
from components.times import Watch
from components.wording import say


def rows(cases: Sequence[Case], watch: Watch) -> list[dict[str, str]]:
    """For a grid, which shows text as it is."""
    return [
        {
            "Title": case.title or say("cases.untitled"),
            "Technique": technique_words(case.technique),
            f"Made ({watch.name})": watch.bare(case.created_at, "%H:%M"),
            "Shared": "◇ team" if case.is_shared else "–",
        }
        for case in cases
    ]


def team_rows(cases: Sequence[Case], watch: Watch) -> list[dict[str, str]]:
    return [{**row, "Shared": case.owner_name or "–"} for row, case in zip(rows(cases, watch), cases, strict=True)]


def facts(case: Case, watch: Watch) -> list[dict[str, str]]:
    """What may be told of a case without opening it."""
    shared = say("cases.shared_since", at=watch.clock(case.shared_at)) if case.shared_at else say("cases.not_shared")
    pairs = (
        ("owner", markup.text(case.owner_name or "–")),
        ("technique", markup.text(technique_words(case.technique))),
        ("made", watch.clock(case.created_at)),
        ("kept_until", f"{case.expires_at:%Y-%m-%d}"),
        ("sharing", shared),
    )
    return [{"a": f":gray[{say(f'cases.{name}')}]", "b": words} for name, words in pairs]


def technique_words(name: str) -> str:
    return name.replace("-", " ").capitalize()


def suggested_title(case: Case) -> str:
    return case.title or technique_words(case.technique)


def by_id(cases: Sequence[Case], case_id: str | None) -> Any | None:
    """The case of this id among those listed."""
    return next((case for case in cases if case.id == case_id), None)
