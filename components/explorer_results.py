"""What came back: curves with their numbers, values at an instant, what failed in its own place, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from backend.answer import Empty, Failed, Stale
from backend.monitoring.promql.result import QueryResult
from components import explorer_graph, explorer_tables, frame, markup, tables
from components import explorer_state as state
from components import explorer_words as words
from components.session import Seen
from components.state import glyph
from components.state import state as mark
from components.times import Watch, seconds_word
from components.views import explorer_answers as view
from components.views.explorer_answers import Answered, Kept
from components.wording import say


def draw(answers: Sequence[Answered], seen: Seen) -> None:
    """Every answer, whatever became of the others."""
    for one in answers:
        _without_value(one, seen.watch)
    kept = view.kept(answers)
    if kept.series:
        if answers[0].kind == state.RANGE:
            explorer_graph.draw(answers, kept, seen)
        else:
            _values(answers, kept, seen)
    _cost(answers)


def nothing_asked() -> None:
    with frame.card(say("explorer.nothing_asked")):
        st.markdown(f"{glyph('info', 12)} {say('explorer.nothing_asked_next')}")


def _without_value(one: Answered, watch: Watch) -> None:
    """In the place of an answer: why there is none, or that it is old."""
    letter = f"**{one.letter}**"
    match one.reading:
        case Failed(why=why, last_good=last):
            known = say("frame.failed_last", at=watch.exact(last)) if last else say("frame.failed_never")
            with st.container(border=True, gap="xsmall"):
                st.markdown(f"#### {glyph('neutral', 13)} {say('explorer.failed', letter=one.letter)}", anchors=False)
                st.markdown(f"{markup.sentence(why)} {known} {say('explorer.failed_next')}")
        case Stale(at=at, why=why):
            st.markdown(f"{mark('neutral', say('explorer.stale', letter=letter, at=watch.exact(at)))} {markup.sentence(why)}")
        case Empty(since=since):
            _empty(letter, watch.exact(since) if since else "")
    found = one.result
    if found is not None and found.kind == "string":
        st.markdown(say("explorer.text", letter=letter, text=markup.code(found.text)))
    elif found is not None and not found.curves:
        _empty(letter, "")


def _empty(letter: str, since: str) -> None:
    words = say("explorer.empty_since", letter=letter, at=since) if since else say("explorer.empty", letter=letter)
    st.markdown(f"{glyph('info', 12)} {words}")


def _values(answers: Sequence[Answered], kept: Kept, seen: Seen) -> None:
    note = say("explorer.values_note", at=seen.watch.exact(answers[0].end))
    with st.container(border=True, gap="small"):
        explorer_tables.title("values", markup.soft(f"{note}, {explorer_tables.listed(kept)}"), answers)
        rows = {
            say("explorer.query"): [one.letter for one in kept.series],
            say("explorer.series"): [one.name for one in kept.series],
            say("explorer.value"): [view.number(float(one.curve.values[-1])) for one in kept.series],
        }
        explorer_tables.grid(rows, "explorer_values", say("explorer.values"), seen)


def _cost(answers: Sequence[Answered]) -> None:
    """What each question took: series and samples, time, step; what the server warns of; which server it was."""
    with frame.card(say("explorer.cost"), markup.soft(server_words())):
        tables.rows([_cost_row(one) for one in answers])
        for one in answers:
            found = one.result or QueryResult("vector")
            for kind, texts in (("warning", found.warnings), ("info", found.infos)):
                for text in texts:
                    word = mark("watch" if kind == "warning" else "info", say(f"explorer.{kind}"), 12)
                    st.markdown(f"{word} **{one.letter}** {markup.sentence(text)}")


def _cost_row(one: Answered) -> dict[str, str]:
    found = one.result
    points = sum(len(curve.values) for curve in found.curves) if found else 0
    samples = say("explorer.unknown") if found is None or found.samples is None else f"{found.samples:,}"
    return {
        say("explorer.query"): f"**{one.letter}** {markup.code(markup.short(' '.join(one.query.split()), 90))}",
        say("explorer.series"): f"{len(found.curves):,}" if found else "–",
        say("explorer.points"): f"{points:,}" if found else "–",
        say("explorer.samples"): samples if found else "–",
        say("explorer.took"): seconds_word(one.took_seconds),
        say("explorer.step_used"): view.duration_text(one.step_seconds) if one.kind == state.RANGE else "–",
    }


def server_words() -> str:
    """Which server answered, as far as it says."""
    told = words.server()
    if told is None:
        return say("explorer.server_unknown")
    kind = "embedded" if told.kind == "embedded" else "prometheus"
    return say(f"explorer.server_{kind}", version=markup.text(told.version))
