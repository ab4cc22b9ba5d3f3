"""Expositions in the text form, read by the library that others would read them with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families


class Sample(NamedTuple):
    """One line of an exposition."""

    name: str
    labels: dict[str, str]
    value: float


def read_exposition(body: bytes) -> Iterator[Sample]:
    """The samples of an exposition in the text form."""
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            yield Sample(sample.name, dict(sample.labels), float(sample.value))
