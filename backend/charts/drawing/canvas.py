"""Small pieces of SVG as text: the same values give the same bytes, and every word from outside is escaped."""

from __future__ import annotations

import re
from zlib import crc32

from backend.charts.drawing.looks import FONT, Palette

_UNDRAWABLE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f"
_SPECIAL = re.compile(f"[&<>\"'{_UNDRAWABLE}]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_FAR = 1.05


def _widths() -> dict[str, float]:
    """Latin letters, digits and signs; whatever is not in it counts as wide as the widest."""
    letters = {chr(point): 0.64 for point in range(0x20, 0x250)}
    letters |= {letter: 0.78 for letter in letters if letter.isupper()}
    letters |= dict.fromkeys(" ,.:;'|!iljI", 0.37) | dict.fromkeys("ft", 0.45) | dict.fromkeys("mw@%MW", _FAR)
    return letters | {"°": 0.5, "′": 0.3, "″": 0.5}


_WIDTHS = _widths()
CAPITAL_HEIGHT = 0.74
BOLD = 1.1
"""Height of digits and capitals, and the widths above, in parts of the font's size, and how much wider bold letters are.

Those of DejaVu Sans, which is wider than most system fonts: no font may be asked for, and none is sure to be there.
"""


def escape(words: str) -> str:
    """Words as they may stand in SVG: characters that XML forbids, and those that turn the writing direction, are gone."""
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], ""), words)


def number(value: float, places: int = 1) -> str:
    """A coordinate, by default to a tenth of a pixel, as short as it can be written."""
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def width(words: str, size: float) -> float:
    """How wide words become at most, in pixels."""
    return size * sum([_WIDTHS.get(character, _FAR) for character in words])


def fitted(words: str, size: float, room: float) -> str:
    """Words cut, with an ellipsis, to a width."""
    if width(words, size) <= room:
        return words
    left, kept = room / size - _FAR, 0
    for character in words:
        left -= _WIDTHS.get(character, _FAR)
        if left < 0:
            break
        kept += 1
    return words[:kept].rstrip() + "…" if kept else ""


def shortened(words: str, most: int) -> str:
    """Words that need so many bytes at most when escaped; cut between two entries, with an ellipsis; none where not even that fits."""
    while words and len(escape(words).encode()) > most:
        kept = words[: len(words) * 9 // 10].rpartition(";")[0]
        words = f"{kept}…" if kept else ""
    return words


def text(words: str, x: float, y: float) -> str:
    """Words with the middle of their capitals at ``y``; size, anchor and colour are the group's, see ``texts``."""
    return f'<text x="{number(x)}" y="{number(y)}">{escape(words)}</text>'


def texts(pieces: str, size: float, colour: str, *, anchor: str = "middle", weight: int = 400) -> str:
    """A group of texts that look alike, moved down by half a capital so that their ``y`` is their middle."""
    if not pieces:
        return ""
    bold = "" if weight == 400 else f' font-weight="{weight}"'
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<g font-size="{number(size)}"{bold}{at} fill="{colour}" transform="translate(0 {number(size * 0.365)})">{pieces}</g>'


def line(d: str, colour: str, thickness: float, dash: str = "") -> str:
    """One path of lines; nothing for no path."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{thickness:g}"{dashed}/>' if d else ""


def circle(x: float, y: float, radius: float, fill: str, stroke: str, thickness: float = 1) -> str:
    edge = f' stroke="{stroke}" stroke-width="{thickness:g}"' if stroke != "none" else ""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}"{edge}/>'


def rectangle(x: float, y: float, wide: float, high: float, fill: str, stroke: str = "none") -> str:
    edge = f' stroke="{stroke}"' if stroke != "none" else ""
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}" fill="{fill}"{edge}/>'


def picture(wide: float, high: float, title: str, words: str, palette: Palette, body: str) -> str:
    """A whole SVG: an image with a title and its text alternative, on its own paper; no script, no style, no reference to elsewhere.

    The ids follow from the words, so that several pictures may stand in one page.
    """
    key = f"{crc32(f'{title}|{words}|{palette.paper}'.encode('utf-8', 'replace')):08x}"
    size = f'width="{number(wide)}" height="{number(high)}" viewBox="0 0 {number(wide)} {number(high)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t{key} d{key}" font-family="{FONT}">'
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(words)}</desc>'
        f"{rectangle(0, 0, wide, high, palette.paper)}{body}</svg>"
    )
