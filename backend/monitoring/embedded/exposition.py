"""Reading what a process exposes, in Prometheus's text format or OpenMetrics: one pass, and of a known line only the number is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.monitoring.embedded.records import Metadata
from backend.monitoring.promql.labels import NAME
from backend.monitoring.promql.samples import Values

_ENDS = b"# EOF"
_NAME = rb"[a-zA-Z_:][a-zA-Z0-9_:]*"
_QUOTED = rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
_BRACES = rb"\{(?:[^\"}\n]*" + _QUOTED + rb")*[^\"}\n]*\}"
_SIMPLE = re.compile(rb"^([^#\s].*)[ \t](\S+)$", re.MULTILINE)
_COMMENT = re.compile(rb"^#.*$", re.MULTILINE)
_NUMBER = rb"[+-]?(?:Inf|inf|NaN|nan|[0-9.eE+-]+)"
_FULL = re.compile(
    rb"[ \t]*(" + _NAME + rb"[ \t]*(?:" + _BRACES + rb")?|" + _BRACES + rb")[ \t]*(" + _NUMBER + rb")(?:[ \t]+[0-9.eE+-]+)?"
    rb"(?:[ \t]+#[ \t]*(" + _BRACES + rb")[ \t]*(" + _NUMBER + rb")(?:[ \t]+([0-9.eE+-]+))?)?[ \t]*\r?$"
)
_PAIR = re.compile(rb"[ \t]*(" + _NAME + rb"|" + _QUOTED + rb")[ \t]*(?:=[ \t]*(" + _QUOTED + rb"))?[ \t]*(?:,|$)")
_ESCAPES = {b"\\\\": b"\\", b'\\"': b'"', b"\\n": b"\n"}
_ESCAPE = re.compile(rb"\\.")


class NotExposition(ValueError):
    """The text is none, or was cut short."""


@dataclass(frozen=True)
class RawExemplar:
    """What stands behind a line: labels with their braces, value, seconds since 1970 (or nothing), as written."""

    labels: bytes
    value: float
    at: float | None


@dataclass(frozen=True)
class Exposed:
    """N samples: what stands before each value, and the value; exemplars by their place; lines of comment as they stand."""

    keys: Sequence[bytes]
    values: Values
    exemplars: Sequence[tuple[int, RawExemplar]]
    comments: Sequence[bytes]


def read(body: bytes, content_type: str, known: dict[bytes, int], most: int) -> Exposed:
    """NotExposition when any line is none, when the end is missing, or when there are more than ``most`` samples.

    ``known`` says which beginnings of lines need no reading. A timestamp is not heeded: all samples of a scrape are of its moment.
    """
    _check_end(body, content_type)
    found, comments = _lines(body)
    if len(found) > most:
        raise NotExposition(f"{len(found)} samples, where at most {most} are allowed")
    keys = [key for key, _ in found]
    texts = [text for _, text in found]
    exemplars: list[tuple[int, RawExemplar]] = []
    for place, key in enumerate(keys):
        if key not in known:
            keys[place], texts[place], behind = _line(key + b" " + texts[place])
            if behind is not None:
                exemplars.append((place, behind))
    return Exposed(keys, _values(texts), exemplars, comments)


def labels_of_key(key: bytes) -> dict[str, str]:
    """The labels that stand before a value, the metric's name among them; NotExposition if they are none."""
    name, brace, rest = key.partition(b"{")
    found = {NAME: name.strip().decode("utf-8", "strict")} if name.strip() else {}
    if brace:
        found |= _pairs(rest.rpartition(b"}")[0])
    if NAME not in found:
        raise NotExposition("a sample without a name")
    return found


def exemplar_labels(braces: bytes) -> dict[str, str]:
    return _pairs(braces.strip()[1:-1])


def metadata(comments: Sequence[bytes]) -> dict[str, Metadata]:
    """Type, help and unit by family."""
    found: dict[str, dict[bytes, str]] = {}
    for line in comments:
        words = line.rstrip(b"\r").split(b" ", 3)
        if len(words) >= 3 and words[1] in (b"TYPE", b"HELP", b"UNIT"):
            text = words[3].decode("utf-8", "replace") if len(words) == 4 else ""
            found.setdefault(words[2].decode("utf-8", "replace"), {})[words[1]] = text
    return {name: _family(said) for name, said in found.items()}


def _family(said: dict[bytes, str]) -> Metadata:
    help_text = said.get(b"HELP", "").replace("\\n", "\n").replace("\\\\", "\\")
    return Metadata(said.get(b"TYPE", "unknown").strip(), help_text, said.get(b"UNIT", "").strip())


def _check_end(body: bytes, content_type: str) -> None:
    if "openmetrics" in content_type:
        if not body.rstrip(b"\n").endswith(_ENDS):
            raise NotExposition("it ends before # EOF")
    elif body and not body.endswith(b"\n"):
        raise NotExposition("it ends within a line")


def _lines(body: bytes) -> tuple[list[tuple[bytes, bytes]], list[bytes]]:
    """Beginnings and ends of samples, and comments; no line is left out."""
    found, comments = _SIMPLE.findall(body), _COMMENT.findall(body)
    if body.count(b"\n") + (not body.endswith(b"\n")) == len(found) + len(comments):
        return found, comments
    lines = [line for line in (line.strip() for line in body.split(b"\n")) if line]  # blanks at either end of a line are allowed
    for line in lines:
        if not line.startswith(b"#") and not _SIMPLE.match(line):
            raise NotExposition(f"not a sample: {line[:80]!r}")
    tidy = b"\n".join(lines)
    return _SIMPLE.findall(tidy), _COMMENT.findall(tidy)


def _line(line: bytes) -> tuple[bytes, bytes, RawExemplar | None]:
    match = _FULL.match(line)
    if match is None:
        raise NotExposition(f"not a sample: {line[:80]!r}")
    key, value, labels, number, at = match.groups()
    if labels is None:
        return key, value, None
    return key, value, RawExemplar(labels, _number(number), _number(at) if at else None)


def _values(texts: Sequence[bytes]) -> Values:
    return np.array([_number(text) for text in texts], np.float64)


def _number(text: bytes) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise NotExposition(f"not a number: {text[:40]!r}") from error


def _pairs(text: bytes) -> dict[str, str]:
    """``name="value"`` pairs; a quoted name alone is the metric's."""
    found: dict[str, str] = {}
    at, text = 0, text.strip()
    while at < len(text):
        match = _PAIR.match(text, at)
        if match is None or (match[2] is None and not match[1].startswith(b'"')):
            raise NotExposition(f"not labels: {text[:80]!r}")
        name, value = (NAME, _plain(match[1])) if match[2] is None else (_plain(match[1]), _plain(match[2]))
        if name in found:
            raise NotExposition(f"label {name} twice")
        found[name] = value
        at = match.end()
    return found


def _plain(text: bytes) -> str:
    text = text[1:-1] if text.startswith(b'"') else text
    if b"\\" in text:
        text = _ESCAPE.sub(lambda match: _ESCAPES.get(match[0], match[0]), text)
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotExposition("not UTF-8") from error
