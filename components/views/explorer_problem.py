"""Where in an expression the fault lies, as a line with a mark under it. Pure."""

from __future__ import annotations

WIDTH = 110


def marked(query: str, position: int | None) -> str:
    """The offending line and a caret under the place; a long line is shown around it. Without a position: nothing."""
    if position is None:
        return ""
    at = max(0, min(position, len(query)))
    begins = query.rfind("\n", 0, at) + 1
    ends = query.find("\n", at)
    line, column = query[begins : len(query) if ends < 0 else ends].replace("\t", " "), at - begins
    line, column = _around(line, column)
    return f"{line}\n{' ' * column}^"


def place_words(query: str, position: int | None) -> tuple[int, int] | None:
    """Line and column of the place, both from one, where the expression has several lines; else None."""
    if position is None or "\n" not in query:
        return None
    before = query[: max(0, min(position, len(query)))]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _around(line: str, column: int) -> tuple[str, int]:
    if len(line) <= WIDTH:
        return line, column
    first = max(0, min(column - WIDTH // 2, len(line) - WIDTH))
    part = line[first : first + WIDTH]
    before, after = "…" if first else "", "…" if first + WIDTH < len(line) else ""
    return f"{before}{part}{after}", column - first + len(before)
