"""The one control of time that pages share: a relative range, or a fixed one; it stands in the address and follows from page to page."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import markup
from components.times import Watch
from components.views import ranges as view
from components.views.ranges import TimeRange as TimeRange
from components.wording import say

_NAMES = ("range", "from", "to")
_KEPT, _CHOICE, _FROM, _TO, _WRONG = "range_kept", "range_choice", "range_from", "range_to", "range_wrong"
_FIXED, _FIXING = "fixed", "range_fixing"


def control(watch: Watch, default: str = view.DEFAULT) -> TimeRange:
    """Draw the control, side by side with what stands in the same row; the span that is chosen."""
    span = current(watch, default)
    options = list(view.CHOICES)
    chosen = span.relative or _FIXED
    if chosen not in options:
        options.insert(0, chosen)
    st.session_state[_CHOICE] = chosen
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content"):
        st.selectbox(
            say("ranges.label"),
            options,
            format_func=lambda one: span.words(watch) if one == _FIXED else view.relative_words(one),
            key=_CHOICE,
            on_change=_choose,
            label_visibility="collapsed",
            width=132 if span.relative else 250,
        )
        with st.popover(say("ranges.fixed"), help=say("ranges.fixed_help"), key=_FIXING, on_change="rerun", type="tertiary") as popover:
            if popover.open:
                _fields(span, watch)
    return span


def current(watch: Watch, default: str = view.DEFAULT) -> TimeRange:
    """What the address asks for; else what was last chosen on any page, which then stands in the address too."""
    found = view.asked(st.query_params, watch.now)
    if found is None:
        found = view.asked(st.session_state.get(_KEPT, {}), watch.now) or view.relative(default, watch.now)
        assert found is not None  # the default is one of the choices
        if found.relative != default or "range" in st.query_params:
            _write(found)
    st.session_state[_KEPT] = found.params()
    return found


def choose(start: datetime, end: datetime) -> None:
    """For a callback: from now on this fixed span, for example the one selected on a chart."""
    _write(view.between(start, end))


def _choose() -> None:
    chosen = st.session_state[_CHOICE]
    if chosen != _FIXED:
        _put({"range": chosen})


def _write(span: TimeRange) -> None:
    _put(span.params())


def _put(params: dict[str, str]) -> None:
    for name in _NAMES:
        st.query_params.pop(name, None)
    st.query_params.update(params)
    st.session_state[_KEPT] = params


def _fields(span: TimeRange, watch: Watch) -> None:
    zone = watch.name
    seen = (span.start, span.end) if not span.relative else span.relative
    if st.session_state.get("range_fields_of") != seen or _FROM not in st.session_state:
        st.session_state["range_fields_of"] = seen
        st.session_state[_FROM], st.session_state[_TO] = view.typing(span.start, watch), view.typing(span.end, watch)
    st.text_input(say("ranges.from", zone=zone), key=_FROM, help=say("ranges.hint"))
    st.text_input(say("ranges.to", zone=zone), key=_TO, help=say("ranges.hint"))
    wrong = st.session_state.pop(_WRONG, None)
    if wrong:
        st.markdown(f":red[{say('ranges.not_read', text=markup.text(wrong), hint=say('ranges.hint'))}]")
    st.button(say("ranges.show"), key="range_show", on_click=_show, args=(watch,), type="primary", width="stretch")
    with st.container(horizontal=True, gap="small"):
        for name, target in (
            ("earlier", view.moved(span, -0.5)),
            ("later", view.moved(span, 0.5)),
            ("wider", view.wider(span)),
            ("fix", view.between(span.start, span.end)),
        ):
            st.button(say(f"ranges.{name}"), key=f"range_{name}", on_click=_write, args=(target,))


def _show(watch: Watch) -> None:
    texts = st.session_state[_FROM], st.session_state[_TO]
    ends = [view.typed(text, watch) for text in texts]
    if ends[0] is not None and ends[1] is not None:
        choose(ends[0], ends[1])
        st.session_state[_FIXING] = False
        return
    st.session_state[_WRONG] = next(text for text, end in zip(texts, ends, strict=True) if end is None)
