"""How the explorer's curves are told apart in words and tables: a short line as the curve is drawn. Pure."""

from __future__ import annotations

from components.colours import Theme, tint
from components.views.curves import Line

_PATTERNS = {None: "", "dash": "6 3", "dot": "2 2", "dashdot": "6 2 2 2"}


def swatch(line: Line, colours: Theme) -> str:
    """As SVG, 26 by 10."""
    pattern = _PATTERNS.get(line.dash, "")
    dashes = f' stroke-dasharray="{pattern}"' if pattern else ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="26" height="10" viewBox="0 0 26 10">'
        f'<path d="M1 5H25" stroke="{tint(line.tone, colours)}" stroke-width="2.4"{dashes}/></svg>'
    )
