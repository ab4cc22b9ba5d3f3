"""All wording of the console, from ``texts/*.toml``, one file a page."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_TEXTS = Path(__file__).parent / "texts"


@cache
def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((_TEXTS / f"{name}.toml").read_text(encoding="utf-8"))


def say(key: str, **values: object) -> str:
    """The sentence under a dotted key whose first part is the file, with its places filled: ``say('login.wrong.limited', seconds=9)``."""
    name, *path = key.split(".")
    found: Any = _file(name)
    for part in path:
        found = found[part]
    return str(found).format(**values) if values else str(found)


def may_say(key: str) -> str | None:
    """The same, or None when nobody wrote one."""
    try:
        return say(key)
    except KeyError:
        return None


def read_all() -> None:
    """Read every file now, so that a fault in one is a fault at the start."""
    for text in _TEXTS.glob("*.toml"):
        _file(text.stem)
