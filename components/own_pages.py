"""The few pages without script that we write ourselves: sign in, set up, join, sign out. HTML only, no decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from components.wording import may_say, say

_FOLDER = Path(__file__).parent
_LINK = re.compile(r"\[([^\]]+)\]\((/[a-z]*)\)")


@dataclass(frozen=True)
class Field:
    """One input of a form."""

    name: str
    label: str
    kind: str = "text"
    complete: str = "off"
    value: str = ""
    hint: str = ""


FIELDS = {
    "sign_in": (Field("name", "name", complete="username"), Field("password", "password", "password", "current-password")),
    "setup": (
        Field("code", "setup_code"),
        Field("name", "name", complete="username"),
        Field("password", "new_password", "password", "new-password", hint="new_password_hint"),
    ),
    "join": (Field("code", "invitation_code"), Field("password", "new_password", "password", "new-password", hint="new_password_hint")),
    "logout": (),
}
ACTIONS = {"sign_in": "/login", "setup": "/setup", "join": "/join", "logout": "/logout"}


@cache
def style() -> str:
    return (_FOLDER / "login.css").read_text(encoding="utf-8")


@cache
def _frame() -> Template:
    return Template((_FOLDER / "login.html").read_text(encoding="utf-8"))


def page(form: str, token: str, *, next_address: str = "/", why: str = "", wrong: str = "", name: str = "") -> str:
    """One of the forms, with why one is here and what was wrong."""
    notes = [_note("p", may_say(f"login.{form}.intro")), _note("p class='why'", why), _note("p class='wrong' role='alert'", wrong)]
    return _frame().substitute(
        title=escape(say(f"login.{form}.title")),
        style=style(),
        place=escape(say("login.place")),
        action=ACTIONS[form],
        notes="".join(notes),
        token=escape(token),
        next=escape(next_address),
        fields="".join(_field(field, name if field.name == "name" else "") for field in FIELDS[form]),
        button=escape(say(f"login.{form}.button")),
        footer=_LINK.sub(r"<a href='\2'>\1</a>", escape(say(f"login.{form}.footer"))),
    )


def _note(tag: str, text: str | None) -> str:
    return f"<{tag}>{escape(text)}</p>" if text else ""


def _field(field: Field, value: str) -> str:
    label = f"<label for='{field.name}'>{escape(say(f'login.fields.{field.label}'))}</label>"
    hint = f"<small id='{field.name}-hint'>{escape(say(f'login.fields.{field.hint}'))}</small>" if field.hint else ""
    described = f" aria-describedby='{field.name}-hint'" if hint else ""
    longest = "1024" if field.kind == "password" else "200"
    return (
        f"{label}{hint}<input id='{field.name}' name='{field.name}' type='{field.kind}' autocomplete='{field.complete}'"
        f" value='{escape(value)}' maxlength='{longest}'{described} required>"
    )
