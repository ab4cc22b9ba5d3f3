"""Which form of an answer a caller wants: JSON, or for what draws, the drawing itself."""

from __future__ import annotations

from collections.abc import Container, Mapping

JSON, DRAWING = "application/json", "image/svg+xml"


def resource_for(name: str, headers: Mapping[bytes, str], known: Container[str]) -> str:
    """The resource's name by ``Accept`` (RFC 9110, 12.5.1): the drawing for who names its type and does not like JSON as well or better."""
    accepted = headers.get(b"accept", "")
    if DRAWING not in accepted or f"{name}.svg" not in known:
        return name
    liked = {media_type: _quality(parameters) for media_type, parameters in map(_parts, accepted.split(","))}
    return f"{name}.svg" if liked.get(DRAWING, 0.0) > liked.get(JSON, 0.0) else name


def _parts(choice: str) -> tuple[str, str]:
    media_type, _, parameters = choice.partition(";")
    return media_type.strip().lower(), parameters


def _quality(parameters: str) -> float:
    """From 0 to 1; 1 where nothing, or nothing readable, is said."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 1.0
    return 1.0
