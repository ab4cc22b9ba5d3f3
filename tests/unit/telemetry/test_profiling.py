"""Profiles of slow requests: which are chosen, which are kept, how long they may be."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress

from backend.telemetry.profiling import CUT, LONGEST_TEXT, Profile, Profiling, watched


def counted(profiling: Profiling) -> dict[str, float]:
    (reading,) = profiling.readings()
    return {row.labels[0]: float(row.value) for row in reading.rows}  # type: ignore[arg-type]


def work_hard() -> int:
    return sum(hash(str(number)) % 7 for number in range(40_000))


def test_a_slow_request_that_was_chosen_has_a_profile_of_each_thread() -> None:
    profiling = Profiling(1.0, 0.000001, lambda: 0.5)
    with profiling.chosen() as profile:
        assert profile is not None
        call = watched(work_hard)
        assert call() > 0
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
    text = profile.text()
    assert text is not None and text.count("work_hard") >= 2 and "Profile at" not in text
    assert counted(profiling) == {"kept": 1, "fast": 0}


def test_a_fast_one_leaves_none() -> None:
    profiling = Profiling(1.0, 60.0, lambda: 0.5)
    with profiling.chosen() as profile:
        watched(work_hard)()
    assert profile is not None and profile.text() is None
    assert counted(profiling) == {"kept": 0, "fast": 1}


def test_who_was_not_drawn_is_not_touched() -> None:
    profiling = Profiling(0.5, 0.1, lambda: 0.5)
    with profiling.chosen() as profile:
        assert profile is None and watched(work_hard) is work_hard and sys.getprofile() is None


def test_two_are_not_profiled_at_a_time() -> None:
    profiling = Profiling(1.0, 0.1, lambda: 0.0)
    with profiling.chosen() as first, profiling.chosen() as second:
        assert first is not None and second is None


def test_what_the_call_raises_is_raised_on_and_a_long_profile_is_cut() -> None:
    def fail() -> None:
        raise KeyError("Ada")

    with Profiling(1.0, 0.000001, lambda: 0.0).chosen() as profile:
        assert profile is not None
        with suppress(KeyError):
            watched(fail)()
        profile.add("x" * (LONGEST_TEXT + 1))
    text = profile.text()
    assert text is not None and len(text) == LONGEST_TEXT and text.endswith(CUT)
    assert "Ada" not in text
    assert Profile(1.0).text() is None
