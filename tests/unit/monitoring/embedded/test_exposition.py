"""Reading expositions."""

from __future__ import annotations

import math

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from backend.monitoring.embedded.exposition import Exposed, NotExposition, exemplar_labels, labels_of_key, metadata, read

OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def read_all(body: bytes, content_type: str = "text/plain") -> Exposed:
    return read(body, content_type, {}, 1000)


def samples(body: bytes, content_type: str = "text/plain") -> dict[tuple[tuple[str, str], ...], float]:
    found = read_all(body, content_type)
    return {tuple(sorted(labels_of_key(key).items())): value for key, value in zip(found.keys, found.values.tolist(), strict=True)}


def registry() -> CollectorRegistry:
    made = CollectorRegistry()
    asked = Counter("asked", 'How often, in "quotes" and \\ back.\nTwice.', ["route", "what"], registry=made)
    asked.labels("/v1/charts", 'a "quoted" \\ value\nof two lines, with } and # {').inc(3)
    seconds = Histogram("took_seconds", "How long.", ["route"], registry=made)
    seconds.labels("/x").observe(0.3, {"trace_id": "4bf92f35"})
    Gauge("level", "How much.", registry=made).set(-0.125)
    return made


def test_it_reads_what_the_client_library_writes() -> None:
    body = generate_latest(registry())
    theirs = {
        tuple(sorted({**sample.labels, "__name__": sample.name}.items())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }
    assert samples(body) == theirs


def test_it_reads_openmetrics_with_exemplars() -> None:
    body = openmetrics(registry())
    theirs = {
        tuple(sorted({**sample.labels, "__name__": sample.name}.items())): sample.value
        for family in openmetrics_families(body.decode())
        for sample in family.samples
    }
    assert samples(body, OPEN) == theirs
    found = read_all(body, OPEN)
    [(place, behind)] = found.exemplars
    assert labels_of_key(found.keys[place])["le"] == "0.5"
    assert (exemplar_labels(behind.labels), behind.value) == ({"trace_id": "4bf92f35"}, 0.3)
    assert behind.at is not None


def test_special_values_are_numbers() -> None:
    values = list(samples(b"a NaN\nb +Inf\nc -Inf\nd 1e-3\n").values())
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf, 0.001]


def test_a_timestamp_is_not_taken_for_the_value() -> None:
    assert samples(b'a{b="c"} 3 1700000000000\n') == {(("__name__", "a"), ("b", "c")): 3.0}


def test_blanks_and_carriage_returns_are_allowed() -> None:
    assert samples(b'  a{ b = "c" , }\t1 \r\n\n# x\nd 2\n') == {(("__name__", "a"), ("b", "c")): 1.0, (("__name__", "d"),): 2.0}


def test_a_quoted_name_is_a_name() -> None:
    assert samples(b'{"a.b",c="d"} 1\n') == {(("__name__", "a.b"), ("c", "d")): 1.0}


def test_known_lines_are_not_read_again() -> None:
    known = {b'a{b="c"}': 7}
    assert read(b'a{b="c"} 1\na{b="c"} 2\n', "text/plain", known, 10).keys == [b'a{b="c"}'] * 2


def test_families_say_what_they_are() -> None:
    found = metadata(read_all(openmetrics(registry()), OPEN).comments)
    assert found["took_seconds"].type == "histogram"
    assert found["took_seconds"].help == "How long."
    assert found["asked"].type == "counter"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>404</body></html>\n",
        b"a 1\nb",
        b"a 1\nb 2",
        b"a one\n",
        b'a{b="c} 1\n',
        b'a{b="c",b="d"} 1\n',
        b"a{b=c} 1\n",
        b'{b="c"} 1\n',
        b"\xff\xfe 1\n",
        b'a{b="\xff"} 1\n',
        b"1a 2\n",
        b"a\n",
        b'a 1 # {b="c"} 1e+e\n',
        b"a 1-1\n",
    ],
)
def test_what_is_no_exposition_is_refused_whole(body: bytes) -> None:
    with pytest.raises(NotExposition):
        samples(body)


def test_openmetrics_without_its_end_was_cut_short() -> None:
    with pytest.raises(NotExposition, match="# EOF"):
        read_all(b"a 1\n", OPEN)


def test_too_many_samples_are_refused() -> None:
    with pytest.raises(NotExposition, match="1001 samples"):
        read_all(b"a 1\n" * 1001)
