"""The playground's fields: what the form can edit of a request, and how a widget's value and the request become each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Literal

Body = dict[str, Any]
Kind = Literal["text", "number", "whole", "flag", "choice", "choices", "texts", "numbers"]


@dataclass(frozen=True)
class Field:
    """One field of a request by its dotted path; ``default`` is what the API takes where it is left out."""

    path: str
    title: str
    kind: Kind = "text"
    choices: tuple[tuple[Any, str], ...] = ()
    default: Any = None
    about: str = ""
    hint: str = ""
    required: bool = False

    @property
    def values(self) -> list[Any]:
        return [value for value, _ in self.choices]

    def title_of(self, value: Any) -> str:
        return next((title for known, title in self.choices if known == value), str(value))

    def at(self, part: str) -> Field:
        """The same field of a part of the request."""
        path = f"{part}.{self.path}" if part else self.path
        return replace(self, path=path)


def found(body: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path, places in lists as numbers; None where nothing does."""
    here: Any = body
    for name in path.split(".") if path else ():
        if isinstance(here, list):
            here = here[int(name)] if name.isdecimal() and int(name) < len(here) else None
        else:
            here = here.get(name) if isinstance(here, Mapping) else None
    return here


def placed(body: Mapping[str, Any], path: str, value: Any) -> Body:
    """The body with a value at a path, or without it for None; objects on the way are made, and what is last in a list may be one more."""
    name, _, rest = path.partition(".")
    changed, inner = dict(body), body.get(name)
    if rest and isinstance(inner, list):
        value = _listed(inner, rest, value)
    elif rest:
        value = placed(inner if isinstance(inner, Mapping) else {}, rest, value)
    if value is None:
        changed.pop(name, None)
    else:
        changed[name] = value
    return changed


def _listed(items: list[Any], path: str, value: Any) -> list[Any]:
    name, _, rest = path.partition(".")
    if not name.isdecimal() or int(name) > len(items):
        return items
    changed, at = list(items), int(name)
    inner = items[at] if at < len(items) and isinstance(items[at], Mapping) else {}
    changed[at : at + 1] = [] if value is None and not rest else [placed(inner, rest, value) if rest else value]
    return changed


def shown(field: Field, body: Mapping[str, Any]) -> Any:
    """What the field's widget shows for a body; what it cannot show reads as the default."""
    value = found(body, field.path)
    match field.kind:
        case "choice":
            return value if value in field.values else field.default
        case "choices":
            chosen = value if isinstance(value, list) else field.default or []
            return [one for one in field.values if one in chosen]
        case "texts":
            return [str(one) for one in value] if isinstance(value, list) else []
        case "numbers":
            return {str(name): str(number) for name, number in value.items()} if isinstance(value, Mapping) else {}
        case "flag":
            return value if isinstance(value, bool) else bool(field.default)
        case _:
            return "" if value is None else str(value)


def edited(field: Field, body: Mapping[str, Any], value: Any) -> Body:
    """The body after the widget; untouched where the widget shows what the body says, so that a form changes nothing by being drawn."""
    if value == shown(field, body):
        return dict(body)
    return placed(body, field.path, _meant(field, value))


def _meant(field: Field, value: Any) -> Any:
    """What a widget's value means in a request; None: leave it out, as it says nothing or the default."""
    match field.kind:
        case "choice" | "flag":
            return None if value == field.default else value
        case "choices":
            return None if value == list(field.default or ()) else value
        case "texts":
            return value or None
        case "numbers":
            return {name: number(text) for name, text in value.items()} or None
        case "number" | "whole":
            return number(value) if value.strip() else None
        case _:
            return value.strip() or None


def number(text: str) -> float | int | str:
    """A number where it is one (with a true minus or a comma too); else the text, for the API's own words about it."""
    plain = text.strip().replace("−", "-").replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return text.strip()
    if not isfinite(value):  # which JSON cannot say
        return text.strip()
    return int(value) if plain.lstrip("+-").isdigit() else value
