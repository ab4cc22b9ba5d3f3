"""The words by which log lines are found: the same for every store, so that a text means the same in each. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from backend.monitoring.logs.record import LEVELS, Criteria, LogLine

LONGEST_WORD = 64
MOST_WORDS = 200  # of one line
MOST_ASKED = 12
_WORD = re.compile(r"[^\W_]+")
_ASKED = re.compile(r"((?<!\S)-)?([^\W_]+)(\*?)")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
_WITH_MARKS = ("level", "role", "route", "event", "source")  # what is asked for as a whole


@dataclass(frozen=True)
class Wanted:
    """Words to look for. ``all``: each; ``any``: one of these, where there are some; ``starts``: beginnings; ``none``: not these."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.all or self.any or self.starts or self.none)


@lru_cache(maxsize=4096)  # lines say the same again and again
def words_of(text: str) -> tuple[str, ...]:
    """Letters and digits in a row, in lower case; everything else parts them."""
    return tuple(_plain(word) for word in _WORD.findall(text.casefold()))


def _plain(word: str) -> str:
    """In ASCII, sign by sign: databases differ in what else they take for a letter."""
    return (word if word.isascii() else "".join(sign if sign.isascii() else f"zz{ord(sign):x}z" for sign in word))[:LONGEST_WORD]


@lru_cache(maxsize=4096)  # few values come again and again
def mark(name: str, value: str) -> str:
    """A word of its own for a field and its whole value, so that a filter is a word among the others."""
    return "x" + hashlib.blake2s(f"{name}={value}".encode(errors="replace"), digest_size=8).hexdigest()


def words_in(line: LogLine) -> list[str]:
    """Each word of a line once. Request and trace ids, and numbers with a fraction, are not among them: each would be new."""
    marks = [mark(name, value) for name in _WITH_MARKS if (value := getattr(line, name))]
    if line.instance:
        marks.append(mark("instance", line.instance[-8:]))
    said = [line.event, line.source, line.role, line.route or "", line.actor_id or "", *_texts(line.fields)]
    found = dict.fromkeys([*marks, line.level])
    for text in said:
        found |= dict.fromkeys(words_of(text))
        if len(found) > MOST_WORDS:
            break
    return list(found)[:MOST_WORDS]


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield str(value)


def id_in(criteria: Criteria) -> str | None:
    """The id that the text is, where it is nothing else."""
    text = criteria.text.casefold()
    return text if _ID.fullmatch(text) else None


def wanted(criteria: Criteria) -> Wanted:
    """What the criteria ask for in words; request and trace ids are looked for by themselves."""
    marks = [mark(name, value) for name in ("role", "route") if (value := getattr(criteria, name))]
    if criteria.instance:
        marks.append(mark("instance", criteria.instance[-8:]))
    asked = [] if id_in(criteria) else _ASKED.findall(criteria.text.casefold())[:MOST_ASKED]
    plain = [_plain(word) for sign, word, star in asked if not sign and not star]
    starts = tuple(_plain(word) for sign, word, star in asked if not sign and star)
    none = tuple(_plain(word) for sign, word, _ in asked if sign)
    levels = criteria.levels or (LEVELS if none and not (marks or plain or starts) else ())  # a search needs a word to begin with
    return Wanted(tuple(dict.fromkeys([*marks, *plain])), tuple(mark("level", level) for level in levels), starts, none)


def meets(line: LogLine, criteria: Criteria) -> bool:
    """Whether a line is one of those asked for: what every store has to agree with."""
    one, either = id_in(criteria), wanted(criteria)
    if not criteria.start <= line.at < criteria.end:
        return False
    if criteria.request_id not in ("", line.request_id) or criteria.trace_id not in ("", line.trace_id):
        return False
    return (one is None or one in (line.request_id, line.trace_id)) and _has(set(words_in(line)), either)


def _has(words: set[str], asked: Wanted) -> bool:
    return (
        words.issuperset(asked.all)
        and (not asked.any or not words.isdisjoint(asked.any))
        and all(any(word.startswith(start) for word in words) for start in asked.starts)
        and words.isdisjoint(asked.none)
    )
