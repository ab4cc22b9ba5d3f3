"""Words for Streamlit's markdown: values from outside are escaped here, so that they never form a link, an image or a directive."""

from __future__ import annotations

import re
from functools import lru_cache

_MEANT = re.compile(r"([\\`*_{}\[\]()#+\-.|~$:<>!&])")
_JOINER = "\u2060"  # breaks what a later pass would still turn into a link or an emoji; nobody sees it
_LINKS = re.compile(r"(?i)(://|www\.|@)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EMOJI = re.compile(r":(?=[A-Za-z0-9_+-]+:)")


def text(value: object) -> str:
    """A value from outside, as plain words in one line."""
    return _escaped(str(value))


@lru_cache(maxsize=1024)  # a page that renews itself draws the same values again and again
def _escaped(value: str) -> str:
    flat = " ".join(value.split())
    flat = _LINKS.sub(lambda found: found[0][0] + _JOINER + found[0][1:], flat)
    flat = _EMOJI.sub(":" + _JOINER, flat)
    return _MEANT.sub(r"\\\1", flat)


def code(value: object) -> str:
    """A value from outside as an identifier in code type."""
    flat = " ".join(str(value).split()).replace("`", "'")
    return f"`{flat}`" if flat else "–"


def soft(words: str) -> str:
    """Small and grey; ``words`` are markdown already."""
    return f":small[:gray[{words}]]"


def short(value: str, longest: int = 60) -> str:
    """At most so many characters, with an ellipsis where it was cut."""
    return value if len(value) <= longest else value[: longest - 1].rstrip() + "…"


def sentence(words: str) -> str:
    """A value from outside that is meant as a sentence: escaped, with a capital letter and one full stop."""
    flat = " ".join(words.split()).rstrip(".")
    return text(flat[:1].upper() + flat[1:]) + "." if flat else ""


def brief_id(value: str) -> str:
    """The end of a long identifier, enough to tell it from its neighbours; a name stays as it is."""
    return f"…{value[-6:]}" if _UUID.fullmatch(value) else value
