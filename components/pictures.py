"""Small drawings as SVG text: states, sparklines, the calls in a window, states over time. Pure: colours come in."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from components.colours import Theme, tint

_SHAPES = {
    "ok": '<circle cx="8" cy="8" r="7" fill="{c}"/><path d="M4.6 8.3 7 10.7 11.4 5.6" fill="none" stroke="{p}" stroke-width="1.8"/>',
    "bad": '<path d="M8 1.2 15.2 14.4H.8Z" fill="{c}"/><path d="M8 6v4M8 11.4v1.6" stroke="{p}" stroke-width="1.7"/>',
    "watch": '<circle cx="8" cy="8" r="6.2" fill="none" stroke="{c}" stroke-width="1.7"/>'
    '<path d="M8 1.8A6.2 6.2 0 0 1 8 14.2Z" fill="{c}"/>',
    "pending": '<path d="M8 2.2 14.4 13.8H1.6Z" fill="none" stroke="{c}" stroke-width="1.6"/>',
    "held": '<circle cx="8" cy="8" r="6.2" fill="none" stroke="{c}" stroke-width="1.8"/>'
    '<path d="M3.8 12.2 12.2 3.8" stroke="{c}" stroke-width="1.8"/>',
    "bypassed": '<circle cx="8" cy="8" r="6.6" fill="none" stroke="{c}" stroke-width="1.6" stroke-dasharray="2.6 2.58"/>'
    '<path d="M4.2 8H11M8.6 5.2 11.4 8 8.6 10.8" fill="none" stroke="{c}" stroke-width="1.7"/>',
    "neutral": '<circle cx="8" cy="8" r="6.2" fill="none" stroke="{c}" stroke-width="1.5"/>'
    '<path d="M8 4.2V8.3L10.6 10" fill="none" stroke="{c}" stroke-width="1.5"/>',
    "info": '<path d="M8 1.6 14.4 8 8 14.4 1.6 8Z" fill="none" stroke="{c}" stroke-width="1.7"/>',
}
_OPACITY = {"ok": 0.28, "bad": 0.95, "watch": 0.55, "held": 0.5, "bypassed": 0.35, "neutral": 0.2}


def svg(width: float, height: float, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" '
        f'font-family="system-ui, sans-serif">{body}</svg>'
    )


def fluid(picture: str) -> str:
    """The same picture without a size of its own: it takes the width of its place, and keeps its shape."""
    return re.sub(r' width="[\d.]+" height="[\d.]+" viewBox', " viewBox", picture, count=1)


def inline(picture: str, words: str = "") -> str:
    """A picture inside a sentence, a heading or a table cell: a ``data:`` image is what the policy allows."""
    return f"![{words}](data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()})"


def shape(kind: str, colours: Theme, size: int = 14) -> str:
    """The one shape of a state."""
    body = _SHAPES[kind].format(c=tint(kind, colours), p=colours["paper"])
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 16 16">{body}</svg>'


def logo(colours: Theme) -> str:
    ink = colours["ink"]
    body = (
        f'<g fill="none" stroke="{ink}" stroke-width="1.5"><circle cx="14" cy="14" r="11"/><circle cx="14" cy="14" r="6"/>'
        f'<path d="M14 3V25M5 21 23 7"/></g><circle cx="17.5" cy="11.3" r="1.8" fill="{ink}"/>'
        f'<text x="34" y="19.5" font-size="17" font-weight="700" fill="{ink}">Astrolabe</text>'
    )
    return svg(150, 28, body)


def mark(colours: Theme) -> str:
    """The tab's icon."""
    return svg(
        28, 28, f'<g fill="none" stroke="{colours["info"]}" stroke-width="2.5"><circle cx="14" cy="14" r="11"/><path d="M5 21 23 7"/></g>'
    )


def spark(values: Sequence[float | None], colours: Theme, kind: str = "info", limit: float | None = None, *, width: float = 140.0) -> str:
    """A line with its last point and a dashed limit; where nothing is known the line is interrupted."""
    height = 32.0
    known = [value for value in values if value is not None]
    top = max([*known, limit or 0.0]) * 1.12 or 1.0
    step = (width - 8) / max(len(values) - 1, 1)
    y = {index: height - 2 - value / top * (height - 6) for index, value in enumerate(values) if value is not None}
    body = f'<path d="M0 {height - 1:g}H{width:g}" stroke="{colours["line"]}"/>'
    if limit:
        at = height - 2 - limit / top * (height - 6)
        body += f'<path d="M0 {at:.1f}H{width:g}" stroke="{colours["neutral"]}" stroke-dasharray="3 3" stroke-width=".9"/>'
    path = "".join(f"{'L' if index - 1 in y else 'M'}{2 + index * step:.1f} {height_at:.1f}" for index, height_at in y.items())
    if path:
        body += f'<path d="{path}" fill="none" stroke="{colours[kind]}" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"/>'
        last = max(y)
        body += f'<circle cx="{2 + last * step:.1f}" cy="{y[last]:.1f}" r="2.6" fill="{colours[kind]}"/>'
    return svg(width, height, body)


def window_strip(bars: Sequence[tuple[int, int]], colours: Theme, width: float = 330.0) -> str:
    """Calls in the window: answered up in calm grey, failed down and hatched, a dash where nobody called."""
    count, base = max(len(bars), 1), 28.0
    top = max([good + bad for good, bad in bars] + [1])
    step = width / count
    body = (
        f'<defs><pattern id="h" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="4" height="4" fill="{colours["bad"]}"/>'
        f'<path d="M0 0V4" stroke="{colours["paper"]}" stroke-width="1.3"/></pattern></defs>'
    )
    for index, (good, bad) in enumerate(bars):
        x = index * step
        if not good + bad:
            body += f'<path d="M{x + step * 0.3:.1f} {base:g}h{step * 0.4:.1f}" stroke="{colours["neutral"]}" stroke-width="1.5"/>'
            continue
        up, down = good / top * 26, min(bad / top * 16, 15.0)
        place = f'x="{x + 1:.1f}" width="{step - 2:.1f}"'
        body += f'<rect {place} y="{base - up:.1f}" height="{up:.1f}" fill="{colours["neutral"]}" opacity=".55"/>'
        if bad:
            body += f'<rect {place} y="{base + 1:g}" height="{max(down, 2.5):.1f}" fill="url(#h)"/>'
    body += f'<path d="M0 {base + 0.5:g}H{width:g}" stroke="{colours["line"]}"/>'
    return svg(width, 44, body)


def span_bar(spans: Sequence[tuple[float, float, str, str]], ticks: Sequence[tuple[float, str]], colours: Theme) -> str:
    """States over time as fractions of the width: (from, to, kind, word)."""
    width, body = 1080.0, ""
    for begin, end, kind, word in spans:
        wide = (end - begin) * width
        body += (
            f'<rect x="{begin * width:.1f}" y="4" width="{max(wide - 1.5, 1):.1f}" height="24" rx="2" '
            f'fill="{tint(kind, colours)}" opacity="{_OPACITY.get(kind, 0.3)}"/>'
        )
        if wide > 7.6 * len(word) + 10:
            ink = colours["paper" if kind == "bad" else "ink"]
            body += f'<text x="{begin * width + 7:.1f}" y="20.5" font-size="12.5" font-weight="600" fill="{ink}">{word}</text>'
    for at, word in ticks:
        anchor = "start" if at < 0.02 else "end" if at > 0.98 else "middle"
        body += f'<text x="{at * width:.1f}" y="45" font-size="12" text-anchor="{anchor}" fill="{colours["neutral"]}">{word}</text>'
    return svg(width, 50, body)


def part_bar(begins: float, ends: float, colours: Theme, kind: str = "info") -> str:
    """Where a part lies within the whole: from share to share, never too thin to be seen."""
    width = 360.0
    left, right = (width * min(max(share, 0.0), 1.0) for share in (begins, ends))
    long = max(right - left, 2.0)
    return svg(
        width,
        12,
        f'<line x1="0" y1="11.5" x2="{width:g}" y2="11.5" stroke="{colours["faint"]}"/>'
        f'<rect x="{min(left, width - long):.1f}" y="1.5" width="{long:.1f}" height="8.5" rx="1.5" fill="{tint(kind, colours)}"/>',
    )


def share_bar(ratio: float, colours: Theme, kind: str = "neutral") -> str:
    """A part of the whole, beside its number."""
    width, filled = 120.0, 120.0 * min(max(ratio, 0.0), 1.0)
    return svg(
        width,
        12,
        f'<rect x=".5" y="1.5" width="{width - 1:g}" height="9" rx="2" fill="none" stroke="{colours["line"]}"/>'
        f'<rect x=".5" y="1.5" width="{max(filled - 1, 0):.1f}" height="9" rx="2" fill="{tint(kind, colours)}" opacity=".6"/>',
    )
