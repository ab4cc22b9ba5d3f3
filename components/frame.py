"""What every page shares: header, cards, and what is said when there is nothing, something old, a fault or no permission."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.errors import Forbidden, ServiceError
from backend.telemetry import logging
from components import markup
from components.state import glyph, state
from components.times import Watch
from components.wording import say


def header(title: str, note: str = "", *, back: str | None = None, pause: str | None = None) -> bool:
    """One line, the same on every page: where am I, how fresh, and whether live parts are paused (then True)."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        st.markdown(f"# :gray[{back} /] {title}" if back else f"# {title}", width="content", anchors=False)
        if pause:
            return bool(st.toggle(f":gray[{note}] · {say('frame.pause')}", key=pause, help=say("frame.pause_help")))
        if note:
            st.markdown(markup.soft(note), width="content")
    return False


@contextmanager
def card(title: str, right: str = "", *, height: Any = "content", level: str = "####") -> Iterator[None]:
    """A bordered block; its note follows the title in the same line, as one element is drawn in a third of the time of three."""
    with st.container(border=True, gap="small", height=height):
        st.markdown(f"{level} {title}" + (f"\u2002{right}" if right else ""), anchors=False)
        yield


def title_row(title: str, right: str = "", level: str = "####") -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        st.markdown(f"{level} {title}", width="content", anchors=False)
        if right:
            st.markdown(right, width="content")


def verdict(kind: str, headline: str, detail: str) -> None:
    """The one tinted block of a page."""
    box = {"ok": st.success, "bad": st.error, "watch": st.warning, "bypassed": st.warning}.get(kind, st.info)
    words = f":violet[{headline}]" if kind == "held" else headline
    box(f"### {glyph(kind, 16)} {words}\n{detail}")


def facts(*pairs: tuple[str, str]) -> None:
    """Labels over values, side by side."""
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        for label, value in pairs:
            st.markdown(f"{markup.soft(label)}  \n**{value}**", width="content")


def provenance(*pairs: tuple[str, str]) -> None:
    """Labels before values in one quiet paragraph."""
    st.markdown(
        ":small["
        + " \u2003".join(
            f":gray[{label}]\u00a0**{value}**" if "`" not in value else f":gray[{label}]\u00a0{value}" for label, value in pairs
        )
        + "]"
    )


def freshness(reading: Reading[Any], watch: Watch) -> str:
    """How old what is shown is, in one short note."""
    match reading:
        case Stale(at=at):
            return f"{glyph('neutral', 11)} " + markup.soft(say("frame.stale", at=watch.exact(at), age=watch.ago(at)))
        case Failed(at=at) | Empty(at=at) | Fresh(at=at):
            return markup.soft(say("frame.updated", at=watch.exact(at)))


def nothing(reading: Reading[Any], watch: Watch, empty: str) -> None:
    """In the place of content: why there is none, and what to do."""
    match reading:
        case Failed(source=source, why=why, last_good=last):
            known = say("frame.failed_last", at=watch.exact(last)) if last else say("frame.failed_never")
            st.markdown(f"{state('neutral', say('frame.unknown'))}  \n{markup.sentence(why)} {known}")
            st.markdown(markup.soft(say("frame.failed_next", source=markup.text(source))))
        case Empty():
            st.markdown(f"{glyph('info', 12)} {empty}")


def warn_stale(reading: Reading[Any], watch: Watch) -> None:
    """Above old values: that they are old, and why. Takes its line only when there is something to say."""
    if isinstance(reading, Stale):
        since = say("frame.stale_long", at=watch.exact(reading.at))
        st.markdown(f"{state('neutral', say('frame.stale_word'))} {since} {markup.sentence(reading.why)}")


def sidebar(seen: Any, settings: Any) -> None:
    """Who is signed in, which product this is, and where its source is."""
    if getattr(settings, "demo", False):
        st.markdown(f":violet-badge[Demo] :small[:gray[{say('frame.demo')}]]")
    operator = seen.session.operator
    with st.sidebar:
        product = markup.soft(say("frame.product", version=_version(settings)))
        links = markup.soft(f"[{say('frame.sign_out')}](/logout) · [{say('frame.source')}]({source_address(settings)})")
        st.markdown(f"{markup.text(operator.name)} · {operator.role}  \n{product}\n\n{links}")


def source_address(settings: Any) -> str:
    """Where the source of this very version is; without one set, the console's own copy."""
    return str(getattr(settings, "source_url", "") or "/source")


def _version(settings: Any) -> str:
    return str(getattr(settings, "version", "") or "0.1.0")


def ended() -> None:
    """The session is over: by sign-out, by time, or by an admin."""
    st.warning(f"### {glyph('neutral', 16)} {say('frame.ended')}\n{say('frame.ended_next')}")


def unknown_visitor() -> None:
    """The store that knows the sessions does not answer."""
    st.error(f"### {glyph('bad', 16)} {say('frame.unknown_visitor')}\n{say('frame.unknown_visitor_next')}")


def forbidden(refusal: Forbidden) -> None:
    st.warning(f"### {glyph('held', 16)} {say('frame.forbidden')}\n{markup.text(refusal.detail)}.")


def refused(error: ServiceError) -> None:
    """An act that a service did not do: its own sentence, no more."""
    st.error(f"{glyph('bad')} {markup.text(error.detail)}")


def script_failed(error: Exception) -> bool:
    """In the place of Streamlit's red box: an id to find the fault in the log by."""
    fault = secrets.token_hex(4)
    logging.log(__name__).error("page_failed", fault=fault, exc_info=error)
    st.error(f"### {glyph('bad', 16)} {say('frame.fault')}\n{say('frame.fault_next', fault=fault)}")
    return True
