"""Playground: a chart through the real API, with what it says of itself."""

from functools import cache

import orjson
import streamlit as st

from backend.actor import Permission
from backend.charts.engine import files
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.vocabulary import HOUSE_SYSTEM_TITLES, ZODIAC_TITLES
from backend.errors import ServiceError
from components import chart_wheel, frame, markup, session, tables
from components.api_client import api
from components.services import services
from components.state import glyph, state
from components.views import playground as view
from components.views import snippets
from components.wording import say

seen = session.require(Permission.COMPUTE_CHARTS)
EXAMPLE = {"date": "1990-06-15", "time": "14:30:00", "place": "Lisbon, PT", "house_system": "placidus", "zodiac": "tropical"}
HEIGHT = 690


@cache
def zones():
    return ZoneFolder(files.DATA / "zoneinfo")


def restore():
    """The stored case that the address names, once; without one, the example. No birth data stands in an address."""
    case = st.query_params.get("case")
    if st.session_state.get("playground_case", "") == (case or "") and "playground_date" in st.session_state:
        return
    body = EXAMPLE
    if case:
        try:
            body = services().cases.open(seen.actor, case)
        except ServiceError as error:
            st.session_state["playground_problem"] = error.detail
            case = None
    for name, value in view.form_of(body).items():
        st.session_state[f"playground_{name}"] = value
    st.session_state["playground_case"] = case or ""
    if case:
        calculate(body)


def calculate(body):
    st.session_state["playground_run"] = (dict(body), api().chart(body))


def send(body):
    """Ask the API, and keep the request as a case of one's own, so that the address can name it."""
    calculate(body)
    try:
        case = services().cases.store(seen.actor, body)
    except ServiceError as error:
        st.session_state["playground_problem"] = error.detail
        return
    st.session_state["playground_case"] = case
    st.query_params["case"] = case


def places(text):
    """What the API finds under a name; remembered for this session, so that other fields do not ask again."""
    asked, answer = st.session_state.get("playground_found", ("", None))
    if asked != text or answer is None or not answer.is_good:
        answer = api().places(text)
        st.session_state["playground_found"] = (text, answer)
    return answer


def take(place):
    """Use a found place's coordinates and zone."""
    fields = {"way": "coordinates", "latitude": str(place["latitude"]), "longitude": str(place["longitude"]), "zone": place["time_zone"]}
    for name, value in fields.items():
        st.session_state[f"playground_{name}"] = value


def by_place():
    """The name as the API will read it, and what it finds under it; its best match's zone counts unless one is given."""
    text = st.text_input(say("playground.place"), key="playground_place", max_chars=200, placeholder="Lisbon, PT")
    if not text.strip():
        return None
    answer = places(text.strip())
    if not answer.is_good:
        st.markdown(f"{glyph('bad', 12)} " + markup.soft(markup.text(answer.body.get("detail", ""))))
        return None
    found = view.place_choices(answer.body)
    if not found:
        st.markdown(f"{glyph('watch', 12)} " + markup.soft(say("playground.no_place")))
        return None
    source = markup.text(answer.body.get("source", ""))
    st.markdown(
        f"{glyph('ok', 12)} :small[{markup.text(found[0]['label'])} · {markup.text(found[0]['time_zone'])}] " + markup.soft(f"· {source}")
    )
    if len(found) > 1:
        with st.popover(say("playground.others", count=len(found) - 1), width="stretch"):
            for number, place in enumerate(found):
                st.button(markup.text(place["label"]), key=f"playground_take_{number}", on_click=take, args=(place,), width="stretch")
    return found[0]["time_zone"]


def by_coordinates():
    left, right = st.columns(2, gap="small")
    left.text_input(say("playground.latitude"), key="playground_latitude", max_chars=20, placeholder="38.7167")
    right.text_input(say("playground.longitude"), key="playground_longitude", max_chars=20, placeholder="-9.1333")
    st.text_input(say("playground.zone"), key="playground_zone", max_chars=64, placeholder="Europe/Lisbon")


def field(name):
    return str(st.session_state.get(f"playground_{name}") or "")


def form():
    frame.title_row(say("playground.input"), markup.soft(say("playground.checks")))
    left, right = st.columns([1.25, 1], gap="small")
    left.text_input(say("playground.date"), key="playground_date", max_chars=16, placeholder="1990-06-15")
    right.text_input(say("playground.time"), key="playground_time", max_chars=8, placeholder="14:30:00")
    ways = {"place": say("playground.by_place"), "coordinates": say("playground.by_coordinates")}
    way = st.segmented_control(
        say("playground.where"),
        list(ways),
        format_func=ways.__getitem__,
        key="playground_way",
        width="stretch",
        required=True,
        label_visibility="collapsed",
    )
    zone = by_place() if way == "place" else by_coordinates()
    st.selectbox(
        say("playground.houses"), [one.value for one in HOUSE_SYSTEM_TITLES], format_func=house_title, key="playground_house_system"
    )
    zodiacs = {one.value: title for one, title in ZODIAC_TITLES.items()}
    st.segmented_control(
        say("playground.zodiac"), list(zodiacs), format_func=zodiacs.__getitem__, key="playground_zodiac", width="stretch", required=True
    )
    fields = view.Form(
        field("date"), field("time"), way == "place", field("place"), field("latitude"), field("longitude"),
        "" if way == "place" else field("zone"), None, field("house_system"), field("zodiac"),
    )  # fmt: skip
    body = view.body_of(fields)
    checked = view.check(body, zone, zones())
    kind, words = view.verdict_words(checked)
    st.markdown(f"{glyph(kind, 12)} :small[{words}]")
    if checked.needs_fold:
        passes = {0: say("playground.first"), 1: say("playground.second")}
        body["fold"] = st.segmented_control(
            say("playground.pass"), [0, 1], format_func=passes.__getitem__, default=0, key="playground_fold", width="stretch", required=True
        )
    if st.button(say("playground.calculate"), type="primary", width="stretch", key="playground_go"):
        send(body)
    with st.popover(say("playground.copy"), width="stretch"):
        base = services().settings_view.api_base
        st.code(snippets.curl(base, body), language=None, wrap_lines=True)
        st.code(snippets.python(base, body), language=None)


def house_title(value):
    return next(title for one, title in HOUSE_SYSTEM_TITLES.items() if one.value == value)


def refused(answer):
    """The API's problem document, field by field."""
    with st.container(border=True, height=HEIGHT - 60):
        st.markdown(state("bad", say("playground.refused")))
        st.markdown(f"**{markup.text(answer.body.get('title', ''))}.** {markup.text(answer.body.get('detail', ''))}")
        for error in answer.body.get("errors", []):
            st.markdown(f"{glyph('bad', 11)} {view.problem_words(error)}")
        st.markdown(markup.soft(say("playground.status", status=answer.status or "–", id=markup.code(answer.request_id))))


def picture(answer):
    document = answer.body
    for sentence in view.degradations(document, seen.watch):
        st.markdown(f"{state('watch', say('playground.degraded'))}: {sentence}")
    with st.container(border=True, gap="small"):
        theme = st.context.theme.type or "light"
        st.image(chart_wheel.wheel(document, theme), width="stretch", alt=chart_wheel.alternative(document))
    st.markdown(f":small[{view.moment_words(document)}]")
    frame.provenance(*view.provenance(document, answer.took_seconds, answer.size))
    st.markdown(markup.soft(say("playground.status", status=answer.status, id=markup.code(answer.request_id))))


def figures(answer):
    document = answer.body
    positions, houses, aspects, raw = st.tabs([say(f"playground.tab_{name}") for name in ("positions", "houses", "aspects", "json")])
    with positions:
        tables.rows(view.body_rows(document))
        for missing in document.get("unavailable", []):
            st.markdown(markup.soft(f"{markup.text(missing['body'])}: {markup.text(missing['why'])}"))
    with houses:
        tables.rows(view.angle_rows(document))
        tables.rows(view.house_rows(document))
    with aspects:
        st.image(chart_wheel.aspect_grid(document, st.context.theme.type or "light"), width="stretch", alt=say("playground.grid"))
        tables.rows(view.aspect_rows(document))
    with raw:
        st.code(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode(), language=None, height=HEIGHT - 60)


restore()
frame.header("Playground", say("playground.note"))
problem = st.session_state.pop("playground_problem", None)
if problem:
    st.warning(f"{glyph('watch')} {markup.text(problem)}")
sheet, middle, right = st.columns([1.12, 2, 1.68], gap="small")
with sheet.container(border=True, gap="small"):
    form()
run = st.session_state.get("playground_run")
if run is None:
    with middle.container(border=True, height=HEIGHT - 60, vertical_alignment="center", horizontal_alignment="center"):
        st.markdown(f"{glyph('info', 12)} {say('playground.empty')}", width="content")
    with right.container(border=True, height=HEIGHT - 60):
        st.markdown(markup.soft(say("playground.empty_tables")))
elif run[1].is_good:
    with middle:
        picture(run[1])
    with right:
        figures(run[1])
else:
    with middle:
        refused(run[1])
    with right.container(border=True, height=HEIGHT - 60):
        st.markdown(markup.soft(say("playground.empty_tables")))
