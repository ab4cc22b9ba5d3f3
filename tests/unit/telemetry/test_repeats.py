"""The same error said again and again."""

from __future__ import annotations

import io
import json

from backend.telemetry import logging
from backend.telemetry.repeats import EACH, MOST_KINDS, WHOLE, WINDOW_SECONDS, Repeats


def test_the_first_are_written_whole_and_then_each_hundredth_which_says_how_many_were_not() -> None:
    repeats = Repeats(lambda: 0.0)
    written = [repeats.is_written("error", ("job_failed", "KeyError")) for _ in range(300)]
    assert written[:WHOLE] == [0] * WHOLE
    assert [number for number, each in enumerate(written, 1) if each is not None and number > WHOLE] == [100, 200, 300]
    assert (written[99], written[199]) == (EACH - WHOLE - 1, EACH - 1)
    assert repeats.suppressed["error"] == 300 - WHOLE - 3


def test_another_error_is_not_silenced_and_a_new_minute_begins_anew() -> None:
    now = [0.0]
    repeats = Repeats(lambda: now[0])
    for _ in range(50):
        repeats.is_written("error", ("a",))
    assert repeats.is_written("error", ("b",)) == 0
    now[0] = WINDOW_SECONDS
    assert repeats.is_written("error", ("a",)) == 50 - WHOLE


def test_kinds_that_somebody_makes_up_do_not_fill_the_memory() -> None:
    repeats = Repeats(lambda: 0.0)
    for number in range(MOST_KINDS * 3):
        repeats.is_written("warning", (str(number),))
    assert len(repeats._said) == MOST_KINDS


def test_lines_are_counted_by_level_whether_written_or_not() -> None:
    out = io.StringIO()
    logging.configure("info", "api", "i1", out)
    before = counted()
    for _ in range(150):
        logging.log("here").error("it_broke", error_code="x")
    logging.info_line("request", "here", {"route": "/"})
    after = counted()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert after["error"] - before["error"] == 150 and after["info"] - before["info"] == 1
    errors = [line for line in lines if line["level"] == "error"]
    assert len(errors) == WHOLE + 1 and errors[-1]["unwritten"] == EACH - WHOLE - 1


def counted() -> dict[str, float]:
    return {row.labels[0]: float(row.value) for row in logging.readings()[0].rows}  # type: ignore[arg-type]
