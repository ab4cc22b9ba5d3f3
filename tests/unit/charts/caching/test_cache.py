"""Two tiers, one making, no lesser answer kept; what may grow old is given once more while it is made anew."""

from __future__ import annotations

import pytest

from backend.answer import Degradation
from backend.charts.caching.cache import AGAIN_SECONDS
from backend.charts.caching.made import FRESH_SECONDS, STALE_SECONDS, Outcome, etag_of
from backend.charts.caching.memory import LONGEST_TEXT
from backend.charts.caching.shared import MOST_WAITING
from backend.errors import InvalidRequest, StorageUnavailable
from tests.support.clock import ManualClock
from tests.support.processes import until
from tests.unit.charts.caching.fakes import TEXT, FakeShelf, Maker, Process, made

LESSER = (Degradation("place", "circuit_open", "from the offline index"),)


@pytest.fixture
def shelf() -> FakeShelf:
    return FakeShelf()


@pytest.fixture
def process(clock: ManualClock, shelf: FakeShelf) -> Process:
    return Process(clock, shelf)


def test_the_second_asking_is_a_hit_with_its_age(process: Process, clock: ManualClock) -> None:
    make = Maker(clock)
    assert process.ask(make) == (b"answer 1", "miss", 0.0)
    clock.advance(7)
    assert process.ask(make) == (b"answer 1", "hit", 7.0)
    found = process.cache.recall("charts", TEXT)
    assert found is not None and (found.made.content, found.outcome, found.age_seconds) == (b"answer 1", Outcome.HIT, 7.0)
    assert make.times == 1


def test_another_spelling_is_recalled_once_its_meaning_is_known(process: Process, clock: ManualClock) -> None:
    make = Maker(clock)
    process.ask(make)
    other = b'{ "date": "1990-06-15" }'
    assert process.cache.recall("charts", other) is None
    assert process.ask(make, other)[1] == "hit"
    assert process.cache.recall("charts", other) is not None
    assert process.cache.recall("wheel", other) is None


def test_a_long_text_is_found_by_its_meaning_alone(process: Process, clock: ManualClock) -> None:
    make, text = Maker(clock), b" " * (LONGEST_TEXT + 1)
    process.ask(make, text)
    assert process.cache.recall("charts", text) is None
    assert process.ask(make, text)[1] == "hit"


def test_a_lesser_answer_is_given_and_never_kept(process: Process, shelf: FakeShelf, clock: ManualClock) -> None:
    make = Maker(clock)
    make.degraded = LESSER
    assert [process.ask(make)[1] for _ in range(3)] == ["miss", "miss", "miss"]
    process.shared.flush()
    assert make.times == 3 and shelf.parcels == {} and process.memory.figures().entries == 0
    make.degraded = ()
    assert [process.ask(make)[0] for _ in range(2)] == [b"answer 4", b"answer 4"]


def test_an_error_is_not_kept(process: Process, clock: ManualClock) -> None:
    make = Maker(clock)
    make.error = InvalidRequest.of("time", "nonexistent_local_time", "never")
    with pytest.raises(InvalidRequest):
        process.ask(make)
    make.error = None
    assert process.ask(make)[0] == b"answer 2"


def test_another_process_finds_what_one_made(process: Process, shelf: FakeShelf, clock: ManualClock) -> None:
    process.ask(Maker(clock))
    assert process.shared.flush() == 1
    clock.advance(60)
    other, make = Process(clock, shelf), Maker(clock)
    assert other.ask(make) == (b"answer 1", "hit", 60.0)
    assert other.cache.recall("charts", TEXT) is not None and make.times == 0


def test_what_lies_in_the_store_tells_nothing_and_cannot_be_put_there_by_others(
    process: Process, shelf: FakeShelf, clock: ManualClock
) -> None:
    process.ask(Maker(clock))
    process.shared.flush()
    ((name, sealed),) = shelf.parcels.items()
    assert b"answer" not in sealed and b"1990" not in sealed
    assert process.ask(Maker(clock), meaning=b"other", text=b"other")[1] == "miss"
    process.shared.flush()
    other = next(each for each in shelf.parcels if each != name)
    for forged in (shelf.parcels[other], b"", b"x" * 40, sealed[:-1], bytes([sealed[0] ^ 1]) + sealed[1:]):
        shelf.parcels[name] = forged
        assert Process(clock, shelf).ask(Maker(clock))[1] == "miss"
    shelf.parcels[name] = sealed
    assert Process(clock, shelf).ask(Maker(clock))[1] == "hit"
    assert Process(clock, shelf, secret="t" * 32).ask(Maker(clock))[1] == "miss"


def test_another_version_of_anything_makes_it_anew(process: Process, shelf: FakeShelf, clock: ManualClock) -> None:
    process.ask(Maker(clock))
    process.shared.flush()
    assert Process(clock, shelf, ("2",)).ask(Maker(clock))[1] == "miss"


def test_a_store_that_is_away_fails_nothing_and_is_asked_once(process: Process, shelf: FakeShelf, clock: ManualClock) -> None:
    shelf.away = True
    make = Maker(clock)
    assert [process.ask(make, meaning=b"%d" % number, text=b"%d" % number)[1] for number in range(5)] == ["miss"] * 5
    assert shelf.asked == 1 and process.shared.flush() == 0
    assert process.ask(make, meaning=b"0", text=b"0")[1] == "hit"
    shelf.away, process.absence.known = False, False
    process.ask(make, meaning=b"new", text=b"new")
    assert process.shared.flush() == 1


def test_what_waits_to_be_written_is_bounded(process: Process, clock: ManualClock) -> None:
    for number in range(MOST_WAITING + 10):
        process.shared.put(b"%d" % number, made())
    assert process.shared.flush() == MOST_WAITING


def test_the_place_of_a_name_is_looked_up_anew_while_the_old_answer_is_given(process: Process, clock: ManualClock) -> None:
    make = Maker(clock, perishable=True)
    process.ask(make)
    clock.advance(FRESH_SECONDS - 1)
    assert process.ask(make)[1] == "hit"
    clock.advance(1)
    assert process.cache.recall("charts", TEXT) is None
    assert process.ask(make) == (b"answer 1", "stale", FRESH_SECONDS)
    assert until(lambda: process.ask(make) == (b"answer 2", "hit", 0.0))
    assert make.times == 2


def test_while_nobody_looks_places_up_no_kept_place_hides_it(process: Process, shelf: FakeShelf, clock: ManualClock) -> None:
    place, chart = Maker(clock, perishable=True), Maker(clock)
    process.ask(place, b"place", b"place")
    process.ask(chart, b"chart", b"chart")
    process.shared.flush()
    process.finds, place.degraded = False, LESSER
    assert process.cache.recall("charts", b"place") is None
    assert [process.ask(place, b"place", b"place")[1] for _ in range(2)] == ["miss", "miss"]
    assert process.ask(chart, b"chart", b"chart")[1] == "hit" and process.cache.recall("charts", b"chart") is not None
    process.finds = True
    assert process.ask(place, b"place", b"place") == (b"answer 1", "hit", 0.0)


def test_what_cannot_grow_old_is_never_stale(process: Process, clock: ManualClock) -> None:
    make = Maker(clock)
    process.ask(make)
    clock.advance(10 * STALE_SECONDS)
    assert process.ask(make)[1] == "hit" and process.cache.recall("charts", TEXT) is not None


def test_too_old_a_place_is_made_anew_before_it_is_given(process: Process, clock: ManualClock) -> None:
    make = Maker(clock, perishable=True)
    process.ask(make)
    clock.advance(STALE_SECONDS)
    assert process.ask(make) == (b"answer 2", "miss", 0.0)


@pytest.mark.parametrize("trouble", ["lesser", "error"])
def test_a_refresh_in_vain_leaves_what_there_is_and_rests(process: Process, clock: ManualClock, trouble: str) -> None:
    make = Maker(clock, perishable=True)
    process.ask(make)
    clock.advance(FRESH_SECONDS)
    make.degraded, make.error = (LESSER, None) if trouble == "lesser" else ((), StorageUnavailable("sql"))
    assert [process.ask(make)[1] for _ in range(5)] == ["stale"] * 5
    assert until(lambda: make.times == 2)
    clock.advance(AGAIN_SECONDS)
    make.degraded, make.error = (), None
    assert process.ask(make)[:2] == (b"answer 1", "stale")
    assert until(lambda: process.ask(make)[:2] == (b"answer 3", "hit"))


def test_a_stale_answer_of_the_store_is_given_and_made_anew(process: Process, shelf: FakeShelf, clock: ManualClock) -> None:
    process.ask(Maker(clock, perishable=True))
    process.shared.flush()
    clock.advance(FRESH_SECONDS + 1)
    other, make = Process(clock, shelf), Maker(clock, perishable=True)
    assert other.ask(make)[1] == "stale"
    assert until(lambda: other.ask(make)[1] == "hit")


def test_equal_bytes_have_equal_tags_and_others_other_ones() -> None:
    assert etag_of(b"a") == etag_of(b"a") != etag_of(b"b")
    assert etag_of(b"a").startswith('"') and etag_of(b"a").endswith('"') and "," not in etag_of(b"a")
