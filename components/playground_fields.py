"""Draws the playground's fields, each with its problem beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components import markup
from components import playground_state as state
from components.state import glyph
from components.views.playground_fields import Field
from components.wording import say

Problems = dict[str, str]
LONGEST = 200
_STARS = ("Aldebaran", "Regulus", "Antares", "Fomalhaut", "Spica", "Sirius", "Algol", "Alcyone", "Vega", "Arcturus", "Betelgeuse", "Rigel")


def draw(field: Field, problems: Problems, place: Any = st, **more: Any) -> None:
    """The field's widget, and below it what is wrong with it; what is told here is taken out of ``problems``."""
    name = state.drawn(field)
    options: dict[str, Any] = {"key": name, "help": field.about or None, **more}
    match field.kind:
        case "choice":
            place.selectbox(field.title, field.values, format_func=field.title_of, placeholder=field.title_of(None), **options)
        case "choices":
            place.multiselect(field.title, field.values, format_func=field.title_of, placeholder=say("playground.choose"), **options)
        case "texts":
            known = list(dict.fromkeys([*_STARS, *st.session_state[name]])) if field.path.endswith("stars") else st.session_state[name]
            place.multiselect(field.title, known, accept_new_options=True, placeholder=say("playground.add"), **options)
        case "numbers":
            _numbers(field, place, options)
        case "flag":
            place.toggle(field.title, **options)
        case _:
            place.text_input(field.title, max_chars=LONGEST, placeholder=field.hint, **options)
    tell(field.path, problems, place)


def _numbers(field: Field, place: Any, options: Mapping[str, Any]) -> None:
    """Names to choose, and a number for each that is chosen."""
    names = place.multiselect(field.title, field.values, format_func=field.title_of, placeholder=say("playground.choose"), **options)
    if not names:
        return
    columns = place.columns(2, gap="small")
    for number, name in enumerate(names):
        key = state.number_key(field, name)
        st.session_state.setdefault(key, "1")
        columns[number % 2].text_input(field.title_of(name), key=key, max_chars=20)


def tell(path: str, problems: Problems, place: Any = st) -> None:
    """What is wrong with the field of this path or within it; once."""
    for wrong in [one for one in problems if one == path or one.startswith(f"{path}.")]:
        inner = wrong.removeprefix(path).lstrip(".")
        words = (f"{inner.replace('_', ' ')} " if inner else "") + problems.pop(wrong)
        place.markdown(f"{glyph('bad', 11)} :small[{markup.sentence(words)}]")
