"""What a deploy is, and what may be told of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from backend.errors import FieldProblem, InvalidRequest

LONGEST_ID, LONGEST_VERSION, LONGEST_SERVICE, LONGEST_NOTE, LONGEST_LINK = 64, 64, 64, 500, 500
OWN_SERVICE = "astrolabe"
FUTURE, PAST = timedelta(minutes=5), timedelta(days=400)
_ID, _WORD = re.compile(r"[A-Za-z0-9._:-]+"), re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/-]*")


@dataclass(frozen=True)
class NewDeploy:
    """``id`` is the teller's own (a pipeline's run): told twice it is one deploy. ``at`` None: now."""

    id: str
    version: str
    service: str = OWN_SERVICE
    at: datetime | None = None
    note: str = ""
    link: str = ""


@dataclass(frozen=True)
class Deploy:
    """As it is kept."""

    id: str
    version: str
    service: str
    at: datetime
    note: str
    link: str
    recorded_at: datetime
    actor_id: str
    actor_name: str

    def says_the_same(self, told: NewDeploy) -> bool:
        """Whether telling it again adds nothing; a time that was left out agrees with any."""
        same = (self.version, self.service, self.note, self.link) == (told.version, told.service, told.note, told.link)
        return same and told.at in {None, self.at}


def checked(told: NewDeploy, now: datetime) -> NewDeploy:
    """The same, trimmed; InvalidRequest names every field that is wrong."""
    tidy = NewDeploy(told.id.strip(), told.version.strip(), told.service.strip(), told.at, " ".join(told.note.split()), told.link.strip())
    problems = [problem for problem in _problems(tidy, now) if problem is not None]
    if problems:
        raise InvalidRequest(*problems)
    return tidy


def _problems(told: NewDeploy, now: datetime) -> list[FieldProblem | None]:
    return [
        _form("id", told.id, _ID, LONGEST_ID),
        _form("version", told.version, _WORD, LONGEST_VERSION),
        _form("service", told.service, _WORD, LONGEST_SERVICE),
        _time(told.at, now),
        None if _is_line(told.note, LONGEST_NOTE) else FieldProblem("note", "too_long", f"Keep it to {LONGEST_NOTE} printable characters."),
        None
        if not told.link or _is_link(told.link)
        else FieldProblem("link", "not_a_link", "Give an https address without user or password."),
    ]


def _form(field: str, value: str, form: re.Pattern[str], longest: int) -> FieldProblem | None:
    if form.fullmatch(value) and len(value) <= longest:
        return None
    return FieldProblem(field, "invalid_form", f"Give 1 to {longest} letters, digits and ._- ; nothing else.")


def _time(at: datetime | None, now: datetime) -> FieldProblem | None:
    if at is None:
        return None
    if at.tzinfo is None:
        return FieldProblem("at", "no_zone", "Give the time with its zone, for example 2026-11-24T14:02:00Z.")
    if not now - PAST <= at <= now + FUTURE:
        return FieldProblem("at", "out_of_bounds", "Give a time of the last 400 days, at most five minutes ahead.")
    return None


def _is_line(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable()


def _is_link(text: str) -> bool:
    """Loopback addresses may do without TLS, as everywhere."""
    if not _is_line(text, LONGEST_LINK) or " " in text:
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return (
        bool(host)
        and parts.username is None
        and (parts.scheme == "https" or (parts.scheme == "http" and host in {"127.0.0.1", "localhost", "::1"}))
    )
