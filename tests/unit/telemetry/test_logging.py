"""Log lines: JSON, one event a line, with the ids of their request, and never an exception's text."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from backend.telemetry.logging import begin, bind, configure, info_line, log


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    configure("info", "worker", "instance-1", stream)
    begin()
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_names_event_role_instance_and_level(stream: io.StringIO) -> None:
    log("x").info("started", seconds=1.5)
    (line,) = lines(stream)
    assert line["event"] == "started" and line["role"] == "worker" and line["instance"] == "instance-1"
    assert line["level"] == "info" and line["seconds"] == 1.5 and line["at"].endswith("Z")


def test_what_is_bound_stands_on_each_later_line_until_the_next_beginning(stream: io.StringIO) -> None:
    begin(request_id="r1")
    bind(actor_id="k")
    log("x").info("one")
    begin(request_id="r2")
    log("x").info("two")
    one, two = lines(stream)
    assert (one["request_id"], one["actor_id"]) == ("r1", "k")
    assert two["request_id"] == "r2" and "actor_id" not in two


def test_one_event_is_one_line_whatever_it_holds(stream: io.StringIO) -> None:
    log("x").info("odd", value="a\nb\r\u2028c\x1b[31m")
    assert stream.getvalue().count("\n") == 1 and "\x1b" not in stream.getvalue()
    assert lines(stream)[0]["value"] == "a\nb\r\u2028c\x1b[31m"


def test_an_exception_is_its_type_and_place_and_not_its_text(stream: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError("born 1990-06-15")

    for logger in (log("x"), logging.getLogger("library")):
        try:
            fail()
        except ValueError:
            logger.error("failed", exc_info=True)
    assert "1990" not in stream.getvalue()
    for line in lines(stream):
        assert line["error_type"] == "ValueError" and line["error_at"][-1].endswith(" fail")


def test_libraries_speak_from_warning_on(stream: io.StringIO) -> None:
    logging.getLogger("httpx").info("GET https://geocoder.example/?q=secret")
    logging.getLogger("httpx").warning("slow")
    assert [line["event"] for line in lines(stream)] == ["slow"]


def test_less_serious_lines_are_left_out(stream: io.StringIO) -> None:
    log("x").debug("details")
    assert stream.getvalue() == ""


def test_the_line_of_a_request_is_the_same_as_any_other(stream: io.StringIO) -> None:
    configure("info", "api", "instance-1", stream)
    begin(request_id="r-1")
    info_line("request", "api.request", {"status": 200, "route": "/v1/charts"})
    log("api.request").info("request", status=200, route="/v1/charts")
    one, other = ({name: value for name, value in json.loads(line).items() if name != "at"} for line in stream.getvalue().splitlines())
    assert one == other and one["level"] == "info" and one["request_id"] == "r-1"
    configure("warning", "api", "instance-1", stream)
    info_line("request", "api.request", {})
    assert len(stream.getvalue().splitlines()) == 2
