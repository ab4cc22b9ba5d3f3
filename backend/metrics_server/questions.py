"""What the server is asked, as values that travel to the process that answers, and the answer that travels back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

Selectors = tuple[str, ...]  # texts of match[]


@dataclass(frozen=True)
class Instant:
    """``/api/v1/query``; times in ms since 1970, ``limit`` 0 is none."""

    query: str
    at: int
    seconds: float
    limit: int = 0
    stats: bool = False


@dataclass(frozen=True)
class Range:
    """``/api/v1/query_range``."""

    query: str
    start: int
    end: int
    step: int
    seconds: float
    limit: int = 0
    stats: bool = False


@dataclass(frozen=True)
class SeriesList:
    selectors: Selectors
    start: int
    end: int
    limit: int = 0


@dataclass(frozen=True)
class LabelNames:
    selectors: Selectors
    start: int
    end: int
    limit: int = 0


@dataclass(frozen=True)
class LabelValues:
    label: str
    selectors: Selectors
    start: int
    end: int
    limit: int = 0


@dataclass(frozen=True)
class MetadataOf:
    """``metric`` '' is all."""

    metric: str = ""
    limit: int = 0
    limit_per_metric: int = 0


@dataclass(frozen=True)
class Exemplars:
    query: str
    start: int
    end: int


@dataclass(frozen=True)
class Targets:
    state: str = "any"


@dataclass(frozen=True)
class Formatted:
    query: str


@dataclass(frozen=True)
class Written:
    """A remote write: protobuf under snappy."""

    body: bytes


@dataclass(frozen=True)
class Readiness:
    """Whether the store can be read."""


Question = Instant | Range | SeriesList | LabelNames | LabelValues | MetadataOf | Exemplars | Targets | Formatted | Written | Readiness


class Said(NamedTuple):
    """An HTTP status and body; ``peak`` is the most memory that the answering process has held so far, in bytes."""

    status: int
    body: bytes
    peak: int = 0
