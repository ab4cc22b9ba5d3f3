"""How a command answers: plain lines for people, one JSON object for programs."""

from __future__ import annotations

from contextlib import suppress

import orjson

from backend.documents import plain


def say(line: str) -> None:
    """One line for a person, at once. A terminal that was closed must not keep its supervisor from an orderly stop."""
    with suppress(OSError):
        print(line, flush=True)


def answer(value: object, words: str, *, json: bool) -> None:
    """The value as JSON, or the words."""
    print(orjson.dumps(plain(value), option=orjson.OPT_INDENT_2).decode() if json else words, flush=True)
