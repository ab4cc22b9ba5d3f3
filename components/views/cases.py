"""Stored cases as rows and facts; what is in them stays closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.accounts.cases import Case
from components import markup
from components.times import Watch
from components.wording import say


def rows(cases: Sequence[Case], watch: Watch) -> list[dict[str, str]]:
    """One's own, for a grid, which shows text as it is."""
    return [{**_row(case, watch), "Shared": "◇ team" if case.is_shared else "–"} for case in cases]


def team_rows(cases: Sequence[Case], watch: Watch) -> list[dict[str, str]]:
    """The team's, with whose they are."""
    return [{**_row(case, watch), "By": case.owner_name or "–"} for case in cases]


def _row(case: Case, watch: Watch) -> dict[str, str]:
    title, technique = case.title or say("cases.untitled"), technique_words(case.technique)
    return {"Title": title, "Technique": technique, f"Made ({watch.name})": watch.bare(case.created_at, "%H:%M")}


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
    """For an entry that the team sees: an owner's own title may hold birth data, a shared one does not."""
    return case.title if case.is_shared else technique_words(case.technique)


def by_id(cases: Sequence[Case], case_id: str | None) -> Any | None:
    """The case of this id among those listed."""
    return next((case for case in cases if case.id == case_id), None)
