"""What the playground keeps in its session: the request's body is the truth, the form's widgets edit it.

The body is brought up to date at the beginning of every run and of every callback (``collect``); a body from elsewhere (raw JSON, a stored
run, another technique) is put in with ``load``, which lets the widgets begin anew from it. Keys begin with ``playground_``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from components.api_client import ApiAnswer, api
from components.views import playground_json
from components.views.playground_fields import Body, Field, edited, found, shown
from components.views.playground_recipes import NATAL_RECIPE, Recipe, recipes

FORM, JSON = "form", "json"
TEXT, MODE, TECHNIQUE = "playground_text", "playground_mode", "playground_technique"
_BODY, _DRAWN, _RUN, _OFFERED, _PLACES = (f"playground_{name}" for name in ("body", "drawn", "run", "offered", "places"))
_FIELD = "playground_f_"
_MOST_PLACES = 8


@dataclass(frozen=True)
class Run:
    """One request and its answer; ``case`` is its stored id, empty where it could not be kept."""

    recipe: Recipe
    body: Body
    answer: ApiAnswer
    at: datetime
    case: str = ""


def begin() -> None:
    """The first run of a session: the example."""
    if _BODY not in st.session_state:
        st.session_state[_BODY] = dict(NATAL_RECIPE.example)


def body() -> Body:
    return st.session_state[_BODY]  # type: ignore[no-any-return]


def put(changed: Mapping[str, Any]) -> None:
    """The body as a widget left it; the other widgets stay."""
    st.session_state[_BODY] = dict(changed)


def load(changed: Mapping[str, Any]) -> None:
    """A body from elsewhere: every widget begins anew from it."""
    for key in [key for key in st.session_state if str(key).startswith(_FIELD)]:
        del st.session_state[key]
    st.session_state[_DRAWN] = {}
    st.session_state[TEXT] = playground_json.text_of(changed)
    put(changed)


def collect() -> None:
    """Bring the body up to date with the widgets that were drawn."""
    if st.session_state.get(MODE) == JSON:
        read, _ = playground_json.read_text(str(st.session_state.get(TEXT) or "{}"))
        if read is not None:
            put(read)
        return
    for field in st.session_state.get(_DRAWN, {}).values():
        if key(field) in st.session_state:
            put(edited(field, body(), _value(field)))


def key(field: Field) -> str:
    """The widget's key."""
    return _FIELD + field.path.replace(".", "_")


def number_key(field: Field, name: str) -> str:
    """The key of one number of a field that holds several."""
    return f"{key(field)}_n_{name}"


def drawn(field: Field) -> str:
    """Note that the field is on screen, and let its widget show the body; its key."""
    st.session_state.setdefault(_DRAWN, {})[field.path] = field
    name = key(field)
    if name not in st.session_state:
        now = shown(field, body())
        st.session_state[name] = list(now) if field.kind == "numbers" else now
    if field.kind == "numbers":
        for one, text in shown(field, body()).items():
            st.session_state.setdefault(number_key(field, one), text)
    return name


def _value(field: Field) -> Any:
    chosen = st.session_state[key(field)]
    if field.kind == "numbers":
        return {name: str(st.session_state.get(number_key(field, name), "1")) for name in chosen}
    return "" if chosen is None and field.kind not in ("choice",) else chosen


def offered() -> tuple[Recipe, ...]:
    """What can be asked for: the API's own description says; without it, the natal chart."""
    answer = api().description()
    known: tuple[int, tuple[Recipe, ...]] | None = st.session_state.get(_OFFERED)
    if not answer.is_good:
        return known[1] if known else (NATAL_RECIPE,)
    if known is None or known[0] != id(answer):
        st.session_state[_OFFERED] = known = (id(answer), recipes(answer.body))
    return known[1]


def recipe_of(name: str) -> Recipe | None:
    return next((one for one in offered() if one.name == name), None)


def chosen() -> Recipe:
    """The technique in the form."""
    return recipe_of(str(st.session_state.get(TECHNIQUE) or NATAL_RECIPE.name)) or NATAL_RECIPE


def shows(part: str) -> bool:
    """Whether that chart is in the form: a widget that has just gone may still send its change."""
    return part in chosen().parts and isinstance(found(body(), part), dict)


def run() -> Run | None:
    """The newest run of this session."""
    found: Run | None = st.session_state.get(_RUN)
    return found


def keep_run(made: Run) -> None:
    st.session_state[_RUN] = made


def places(text: str) -> ApiAnswer:
    """What the API finds under a name; good answers are remembered for this session, so that other fields do not ask again."""
    memory: dict[str, ApiAnswer] = st.session_state.setdefault(_PLACES, {})
    if text not in memory:
        answer = api().places(text)
        if not answer.is_good:
            return answer
        memory[text] = answer
        while len(memory) > _MOST_PLACES:
            del memory[next(iter(memory))]
    return memory[text]
