"""A place on Earth, and how its name is compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "’": "", "'": ""})
_SPACES = re.compile(r"[^\w]+|_+")


@dataclass(frozen=True)
class Place:
    """``country`` is ISO 3166-1 alpha-2; ``zone`` an IANA name; latitude north and longitude east in degrees."""

    name: str
    country: str
    latitude: float
    longitude: float
    zone: str
    population: int | None = None
    admin: str | None = None

    @property
    def label(self) -> str:
        """'Springfield, Illinois, US'."""
        return ", ".join(part for part in (self.name, self.admin, self.country) if part)


def folded(text: str) -> str:
    """Without case, accents and punctuation, so that 'München' and 'MUNCHEN' are one word."""
    if text.isascii():
        return _SPACES.sub(" ", text.lower().replace("'", "")).strip()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SPACES.sub(" ", bare.translate(_LETTERS)).strip()
