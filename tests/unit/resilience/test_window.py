"""The window's totals against a recount of what happened."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.resilience.window import Health, TimeWindow

STEPS = st.lists(st.tuples(st.floats(0, 5, allow_nan=False), st.booleans(), st.booleans()), max_size=80)


@given(STEPS, st.integers(1, 12), st.sampled_from([0.1, 0.25, 1.0, 3.0]))
def test_totals_equal_a_recount(steps: list[tuple[float, bool, bool]], slots: int, slot_seconds: float) -> None:
    window, now, events = TimeWindow(slot_seconds, slots), 0.0, []
    for pause, ok, slow in steps:
        now += pause
        window.record(now, ok=ok, slow=slow)
        events.append((int(now // slot_seconds), ok, slow))
        oldest = int(now // slot_seconds) - slots + 1
        seen = [(ok, slow) for slot, ok, slow in events if slot >= oldest]
        expected = Health(sum(ok for ok, _ in seen), sum(not ok for ok, _ in seen), sum(slow for _, slow in seen))
        assert window.health(now) == expected


def test_what_left_the_window_is_forgotten() -> None:
    window = TimeWindow(1.0, 3)
    window.record(10.0, ok=False, slow=True)
    assert window.health(12.9) == Health(0, 1, 1)
    assert window.health(13.0) == Health()


def test_a_clock_that_went_back_counts_into_the_newest_slot() -> None:
    window = TimeWindow(1.0, 3)
    window.record(10.0, ok=True, slow=False)
    window.record(4.0, ok=True, slow=False)
    assert window.health(10.0).ok == 2


def test_a_window_of_one_slot_works() -> None:
    window = TimeWindow(1.0, 1)
    window.record(0.5, ok=True, slow=False)
    assert window.health(0.9).ok == 1
    assert window.health(1.0).ok == 0
