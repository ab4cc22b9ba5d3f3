"""Draws one natal chart's part of the form: when, where, in which zone, and its settings."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from backend.charts.engine.civil_time import LOCAL_MEAN_TIME, ZoneFolder
from components import markup, playground_settings
from components import playground_fields as fields
from components import playground_state as state
from components.playground_fields import Problems
from components.services import services
from components.state import glyph
from components.views import playground as view
from components.views import playground_chart as chart
from components.views import playground_time as time
from components.views.playground_fields import Field, found, placed
from components.wording import say

_FOLD = "fold"


@cache
def zones(folder: Path) -> ZoneFolder:
    return ZoneFolder(folder)


def draw(part: str, problems: Problems) -> None:
    """The chart of that part of the request; the request itself where the part has no name."""
    _when(part, problems)
    place = _where(part, problems)
    _verdict(part, place, problems)
    playground_settings.draw(part, problems)


def _when(part: str, problems: Problems) -> None:
    left, right = st.columns([1.25, 1], gap="small")
    fields.draw(chart.DATE.at(part), problems, left)
    timed = chart.is_timed(state.body(), part)
    if timed:
        fields.draw(chart.TIME.at(part), problems, right)
    else:
        right.text_input(chart.TIME.title, say("playground.none"), disabled=True, key=f"playground_no_time_{part}")
    key = f"playground_timed_{part}"
    st.session_state[key] = timed
    st.toggle(say("playground.time_known"), key=key, on_change=_known, args=(part,))
    fields.tell(chart.path(part, "time_known"), problems)


def _known(part: str) -> None:
    wanted = bool(st.session_state[f"playground_timed_{part}"])
    state.collect()
    if state.shows(part) and wanted is not chart.is_timed(state.body(), part):
        state.load(chart.timed(state.body(), part, known=wanted))


def _where(part: str, problems: Problems) -> dict[str, Any] | None:
    """Draws where; the place that a name was found to mean."""
    ways = {"place": say("playground.by_place"), "coordinates": say("playground.by_coordinates")}
    key = f"playground_way_{part}"
    st.session_state[key] = "place" if chart.by_place(state.body(), part) else "coordinates"
    st.segmented_control(
        say("playground.where"), list(ways), format_func=ways.__getitem__, key=key, width="stretch", required=True,
        label_visibility="collapsed", on_change=_moved, args=(part,),
    )  # fmt: skip
    if st.session_state[key] == "place":
        return _by_place(part, problems)
    _by_coordinates(part, problems)
    return None


def _moved(part: str) -> None:
    """From a name to the coordinates that it was found to mean, or back to a name."""
    wanted = st.session_state[f"playground_way_{part}"]
    state.collect()
    body = state.body()
    if not state.shows(part) or (wanted == "place") is chart.by_place(body, part):
        return
    if wanted == "place":
        state.load(chart.somewhere(body, part, place=""))
        return
    place = _best(str(found(body, chart.path(part, "place")) or ""))
    state.load(chart.somewhere(body, part, **(_spot(place) if place else {"latitude": None, "longitude": None, "time_zone": None})))


def _best(text: str) -> dict[str, Any] | None:
    places = _found(text)
    return places[0] if places else None


def _found(text: str) -> list[dict[str, Any]]:
    answer = state.places(text.strip()) if text.strip() else None
    return view.place_choices(answer.body) if answer and answer.is_good else []


def _spot(place: dict[str, Any]) -> dict[str, Any]:
    return {"latitude": place["latitude"], "longitude": place["longitude"], "time_zone": place["time_zone"]}


def _by_place(part: str, problems: Problems) -> dict[str, Any] | None:
    fields.draw(chart.PLACE.at(part), problems)
    text = str(found(state.body(), chart.path(part, "place")) or "").strip()
    if not text:
        return None
    answer = state.places(text)
    if not answer.is_good:
        st.markdown(f"{glyph('bad', 12)} " + markup.soft(markup.text(answer.body.get("detail", ""))))
        return None
    places = view.place_choices(answer.body)
    if not places:
        st.markdown(f"{glyph('watch', 12)} " + markup.soft(say("playground.no_place")))
        return None
    source = markup.soft(f"· {markup.text(answer.body.get('source', ''))}")
    st.markdown(f"{glyph('ok', 12)} :small[{markup.text(places[0]['label'])} · {markup.text(places[0]['time_zone'])}] {source}")
    if found(state.body(), chart.path(part, "time_zone")) not in (None, LOCAL_MEAN_TIME):
        fields.draw(chart.ZONE.at(part), problems)
    if len(places) > 1:
        with st.popover(say("playground.others", count=len(places) - 1), width="stretch"):
            for number, place in enumerate(places):
                label = f"{markup.text(place['label'])} · {markup.text(place['time_zone'])}"
                st.button(label, key=f"playground_take_{part}_{number}", on_click=_take, args=(part, place), width="stretch")
    return places[0]


def _take(part: str, place: dict[str, Any]) -> None:
    """Use a found place's coordinates and zone."""
    state.collect()
    state.load(chart.somewhere(state.body(), part, **_spot(place)))


def _by_coordinates(part: str, problems: Problems) -> None:
    left, right = st.columns(2, gap="small")
    fields.draw(chart.LATITUDE.at(part), problems, left)
    fields.draw(chart.LONGITUDE.at(part), problems, right)
    zone, body = chart.ZONE.at(part), state.body()
    proposal = time.proposed_zone(found(body, chart.path(part, "latitude")), found(body, chart.path(part, "longitude")))
    last_key = f"playground_proposal_{part}"
    given = str(found(body, zone.path) or "")
    if proposal and (not given or (given == st.session_state.get(last_key) and given != proposal)):
        st.session_state[state.key(zone)] = given = proposal
        state.put(placed(body, zone.path, proposal))
    st.session_state[last_key] = proposal
    fields.draw(zone, problems)
    if proposal and given == proposal:
        st.markdown(markup.soft(say("playground.proposed")))
    elif proposal and given != LOCAL_MEAN_TIME:
        label = say("playground.take_zone", zone=proposal)
        st.button(markup.text(label), key=f"playground_zone_{part}", on_click=_change, args=(part, "time_zone", proposal), type="tertiary")


def _change(part: str, name: str, value: Any) -> None:
    state.collect()
    if state.shows(part):
        state.load(placed(state.body(), chart.path(part, name), value))


def _verdict(part: str, place: dict[str, Any] | None, problems: Problems) -> None:
    """What the local time means, and what can be chosen where it means nothing or two things."""
    known = time.clock(found(state.body(), part) or {}, place, zones(services().settings_view.zoneinfo_dir))
    kind, words = time.words(known)
    st.markdown(f"{glyph(kind, 12)} :small[{words}]")
    for number, (label, when) in enumerate(time.neighbours(known)):
        st.button(label, key=f"playground_gap_{part}_{number}", on_click=_set_clock, args=(part, when), width="stretch")
    if known.needs_fold:
        _ask_pass(part, time.passes(known))
    elif known.verdict is not None and found(state.body(), chart.path(part, _FOLD)) is not None:
        state.put(placed(state.body(), chart.path(part, _FOLD), None))
    fields.tell(chart.path(part, _FOLD), problems)
    if known.may_be_own_time:
        _offer_own_time(part, place)


def _ask_pass(part: str, passes: dict[int, str]) -> None:
    field = Field(chart.path(part, _FOLD), say("playground.pass"), "choice", tuple(passes.items()))
    st.segmented_control(field.title, field.values, format_func=field.title_of, key=state.drawn(field), width="stretch")


def _set_clock(part: str, when: dict[str, str]) -> None:
    state.collect()
    body = state.body()
    for name, value in when.items():
        body = placed(body, chart.path(part, name), value)
    state.load(body)


def _offer_own_time(part: str, place: dict[str, Any] | None) -> None:
    """The Sun's mean time of the place itself, beside the time of the zone's capital."""
    path = chart.path(part, "time_zone")
    own = found(state.body(), path) == LOCAL_MEAN_TIME
    key = f"playground_own_time_{part}"
    st.session_state[key] = own
    zone = (
        None
        if place
        else time.proposed_zone(found(state.body(), chart.path(part, "latitude")), found(state.body(), chart.path(part, "longitude")))
    )
    wanted = zone if own else LOCAL_MEAN_TIME
    st.toggle(
        say("playground.own_time_choice"),
        key=key,
        on_change=_change,
        args=(part, "time_zone", wanted),
        help=say("playground.own_time_about"),
    )
