"""The metric browser: find a metric, narrow it by its labels, and put it into an expression."""

from __future__ import annotations

import streamlit as st

from components import explorer_state as state
from components import explorer_words as words
from components import markup
from components.state import glyph
from components.views.explorer_completion import Vocabulary, selector, starting_point
from components.wording import say

MOST_LABELS = 8
_ANY = ""


def draw(known: Vocabulary) -> None:
    """Folded until it is wanted, as its labels are asked for one by one."""
    with st.expander(say("explorer.browser"), key="explorer_browser", on_change="rerun") as expander:
        if not expander.open:
            return
        if not known.metrics:
            why = words.problem()
            st.markdown(f"{glyph('neutral' if why else 'info', 12)} {markup.sentence(why) if why else say('explorer.no_metric')}")
            return
        metric = st.selectbox(
            say("explorer.metric", count=len(known.metrics)), sorted(known.metrics), index=None, key="explorer_metric",
            placeholder=say("explorer.metric_hint"), filter_mode="contains",
        )  # fmt: skip
        if metric is not None and metric in known.metrics:
            _narrow(metric, known.metrics[metric])


def _narrow(metric: str, fact: tuple[str, str]) -> None:
    kind, helping = fact
    told = f"**{markup.text(kind)}** {markup.sentence(helping)}" if kind else say("explorer.no_metadata")
    st.markdown(told)
    names = [name for name in words.labels(metric) if name != "le"]
    chosen: dict[str, str] = {}
    for row in range(0, min(len(names), MOST_LABELS), 4):
        for column, name in zip(st.columns(4, gap="small"), names[row : min(row + 4, MOST_LABELS)], strict=False):
            value = column.selectbox(
                markup.text(name), [_ANY, *words.values(name, metric)], key=f"explorer_label_{metric}_{name}", filter_mode="contains",
                format_func=lambda value: value or say("explorer.any"),
            )  # fmt: skip
            if value:
                chosen[name] = value
    if len(names) > MOST_LABELS:
        st.markdown(markup.soft(say("explorer.more_labels", count=len(names) - MOST_LABELS)))
    _offer(selector(metric, chosen), starting_point(metric, kind, chosen))


def _offer(plain: str, usual: str) -> None:
    """The selector as it stands, and the question that a metric of this kind is mostly asked."""
    full = not state.has_room()
    for name, text in dict.fromkeys((("selector", plain), ("usual", usual if usual != plain else ""))):
        if text:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.button(say(f"explorer.insert_{name}"), key=f"explorer_insert_{name}", on_click=state.add, args=(text,), disabled=full)
                st.markdown(markup.code(text), width="stretch")
