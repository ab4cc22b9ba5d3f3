"""What the processes keep together, on a real Valkey: found by all, bounded, gone in time, and nobody's trouble when it is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.accounts.sealing import Seal
from backend.actor import Role
from backend.charting import Charting, build_charting, versions
from backend.charts.caching.parcel import packed, unpacked
from backend.charts.caching.valkey_shelf import ValkeyShelf
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.charts.service import ChartService
from backend.clock import SystemClock
from backend.errors import StorageUnavailable
from backend.storage.shared import SharedState
from backend.telemetry.series import Series
from tests.support.builders import actor_with
from tests.support.processes import until
from tests.support.valkey import TestServer, own_valkey, shared, valkey_server
from tests.unit.api.builders import FakeResolver
from tests.unit.charts.caching.fakes import SECRET, made

__all__ = ["own_valkey", "shared", "valkey_server"]

BODY: dict[str, Any] = {"date": "1990-06-15", "time": "14:30", "time_zone": "Europe/London", "latitude": 51.5, "longitude": -0.1}
TEXT = b"the same text"
DAY = 86_400.0


@pytest.fixture
def shelf(shared: SharedState) -> ValkeyShelf:
    return ValkeyShelf(shared, most_bytes=10_000, most_requests=3)


def total(shared: SharedState) -> int:
    return int(shared.get("chart:answers:bytes") or 0)


def test_any_bytes_come_back_as_they_were(shelf: ValkeyShelf) -> None:
    body = bytes(range(256))
    shelf.put({"one": body}, DAY)
    assert shelf.get("one") == body and shelf.get("other") is None


def test_all_together_never_take_more_than_they_may_and_the_first_go_first(shelf: ValkeyShelf, shared: SharedState) -> None:
    for number in range(30):
        shelf.put({f"n{number}": b"x" * 990}, DAY)
        assert total(shared) <= 10_000
    assert [number for number in range(30) if shelf.get(f"n{number}")] == list(range(20, 30))
    assert len(list(shared.client.scan_iter("chart:answer:*"))) == 10
    assert shared.client.zcard("chart:answers:order") == shared.client.hlen("chart:answers:sizes") == 10


def test_many_at_once_are_bounded_likewise(shelf: ValkeyShelf, shared: SharedState) -> None:
    shelf.put({f"n{number}": b"x" * 500 for number in range(100)}, DAY)
    assert total(shared) <= 10_000 and shelf.get("n99") is not None and shelf.get("n0") is None


@pytest.mark.parametrize("lost", ["order", "sizes", "bytes"])
def test_a_server_that_dropped_part_of_the_books_keeps_answers_on_within_their_bound(
    shelf: ValkeyShelf, shared: SharedState, lost: str
) -> None:
    shelf.put({f"n{number}": b"x" * 990 for number in range(10)}, DAY)
    shared.client.delete(f"chart:answers:{lost}")
    for number in range(10, 30):
        shelf.put({f"n{number}": b"x" * 990}, DAY)
        assert 0 < total(shared) <= 10_000
    assert [number for number in range(10, 30) if shelf.get(f"n{number}")] == list(range(20, 30))


def test_writing_one_anew_counts_it_once(shelf: ValkeyShelf, shared: SharedState) -> None:
    for size in (100, 900, 50):
        shelf.put({"one": b"x" * size}, DAY)
        assert total(shared) == size


def test_one_that_is_larger_than_everything_leaves_nothing_behind(shelf: ValkeyShelf, shared: SharedState) -> None:
    shelf.put({"one": b"x"}, DAY)
    shelf.put({"huge": b"x" * 20_000}, DAY)
    assert total(shared) == 0 and shelf.get("huge") is None


def test_answers_end_by_themselves_and_are_not_counted_afterwards(shelf: ValkeyShelf, shared: SharedState) -> None:
    shelf.put({"short": b"x" * 100}, 0.05)
    assert until(lambda: shelf.get("short") is None)
    shelf.put({"next": b"y" * 10}, 0.05)
    assert total(shared) == 10
    assert until(lambda: not list(shared.client.scan_iter("chart:*")))


def test_the_most_asked_requests_stay_and_come_in_their_order(shelf: ValkeyShelf, shared: SharedState) -> None:
    shelf.count("20260101", {"a": (5, b"A"), "b": (1, b"B"), "c": (3, b"C")})
    shelf.count("20260102", {"b": (9, b"\x00\xffB"), "d": (2, b"D")})
    assert shelf.most_asked(["20260102", "20260101"], 10) == {"b": b"\x00\xffB", "a": b"A", "c": b"C", "d": b"D"}
    assert list(shelf.most_asked(["20260102", "20260101"], 2)) == ["b", "a"]
    shelf.count("20260101", {"d": (4, b"D"), "e": (2, b"E")})
    assert list(shelf.most_asked(["20260101"], 10)) == ["a", "d", "c"]
    assert shared.client.hlen("chart:requests:20260101") == 3
    assert 0 < int(str(shared.client.pttl("chart:asked:20260101"))) <= 2 * DAY * 1000


def test_a_parcel_is_much_smaller_than_its_answer(shared: SharedState) -> None:
    answer = made(b'{"body": "sun", "longitude_degrees": 84.1234567}' * 200)
    parcel = packed("one", answer, Seal(SECRET, "test"))
    assert parcel is not None and len(parcel) < len(answer.content) / 4
    assert unpacked("one", parcel, Seal(SECRET, "test")) == answer
    assert unpacked("other", parcel, Seal(SECRET, "test")) is None


@pytest.fixture(scope="module")
def charts() -> Iterator[ChartService]:
    ephemeris = Ephemeris(DATA / "ephemeris")
    yield ChartService(ephemeris, ZoneFolder(DATA / "zoneinfo"), FakeResolver(), SystemClock())
    ephemeris.close()


def charting(server: TestServer, charts: ChartService, secret: str = SECRET) -> Charting:
    return build_charting(server.url, charts, secret, SystemClock(), Series("0"))


def ask(desk: Any, resource: str = "charts", body: dict[str, Any] = BODY, text: bytes = TEXT) -> str:
    return str(desk.answer(actor_with(Role.DEVELOPER), resource, text, body).outcome.value)


def test_a_chart_of_one_process_is_a_hit_in_another(own_valkey: TestServer, charts: ChartService) -> None:
    one, other, stranger = charting(own_valkey, charts), charting(own_valkey, charts), charting(own_valkey, charts, "t" * 32)
    assert ask(one.desk) == "miss"
    one.upkeep.turn()
    assert ask(other.desk) == "hit" and ask(stranger.desk) == "miss"
    first, second = (each.desk.recall("charts", TEXT) for each in (one, other))
    assert first is not None and second is not None and first.made == second.made
    for each in (one, other, stranger):
        each.stop()


def test_nothing_of_a_birth_can_be_read_in_the_store(own_valkey: TestServer, charts: ChartService) -> None:
    one, body = charting(own_valkey, charts), {**BODY, "name": "Zebra Canary"}
    for _ in range(5):
        ask(one.desk, body=body, text=b'{"name":"Zebra Canary","date":"1990-06-15"}')
    one.upkeep.turn()
    one.upkeep.count()
    client: Any = own_valkey.patient().client
    everything = b"".join(bytes(client.execute_command("DUMP", key, NEVER_DECODE=True) or b"") + key.encode() for key in client.keys("*"))
    assert len(client.keys("*")) == 6 and len(everything) > 3000
    for word in (b"Zebra", b"1990-06-15", b"14:30", b"sun", b"longitude"):
        assert word not in everything
    one.stop()


def test_a_store_that_is_paused_or_gone_costs_one_short_wait(own_valkey: TestServer, charts: ChartService) -> None:
    one = charting(own_valkey, charts)
    ask(one.desk)
    own_valkey.pause()
    began = time.monotonic()
    bodies = [{**BODY, "latitude": number / 10} for number in range(200)]
    assert {ask(one.desk, body=body, text=b"%d" % number) for number, body in enumerate(bodies)} == {"miss"}
    assert time.monotonic() - began < 3.0  # 200 waits of 0.05 s would be ten seconds
    assert one.absence.known and ask(one.desk) == "hit"
    own_valkey.go_on()
    assert until(lambda: not one.absence.known)
    own_valkey.kill()
    assert ask(one.desk, body={**BODY, "longitude": 1}, text=b"gone") == "miss"
    one.stop()


def test_a_new_process_has_ready_what_is_asked_most(own_valkey: TestServer, charts: ChartService) -> None:
    one = charting(own_valkey, charts)
    texts = [b'{"date":"1990-06-15","time":"14:30","time_zone":"UTC","latitude":%d,"longitude":0}' % latitude for latitude in range(3)]
    for latitude, text in enumerate(texts):
        for _ in range(4):
            ask(one.desk, body={**BODY, "time_zone": "UTC", "latitude": latitude, "longitude": 0}, text=text)
    one.upkeep.count()
    another = charting(own_valkey, charts)
    assert another.upkeep.warm() == 3
    assert all(another.desk.recall("charts", text) is not None for text in texts)
    for each in (one, another):
        each.stop()


def test_the_shelf_says_when_it_is_away(own_valkey: TestServer) -> None:
    shelf = ValkeyShelf(own_valkey.shared())
    own_valkey.kill()
    for question in (lambda: shelf.get("a"), lambda: shelf.put({"a": b"b"}, 1.0), lambda: shelf.most_asked(["20260101"], 1)):
        with pytest.raises(StorageUnavailable):
            question()


def test_an_answer_made_with_other_files_is_another_answer(own_valkey: TestServer, charts: ChartService, tmp_path: Path) -> None:
    """Files damaged, or of another version: what was kept with the good ones is not given, and what is lesser is not kept."""
    for file in (DATA / "ephemeris").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[:-1] if file.name == "sepl_18.se1" else file.read_bytes())
    ephemeris = Ephemeris(tmp_path)
    damaged = ChartService(ephemeris, ZoneFolder(DATA / "zoneinfo"), FakeResolver(), SystemClock())
    assert versions(damaged) != versions(charts) == versions(charts)
    one, other = charting(own_valkey, charts), charting(own_valkey, damaged)
    assert ask(one.desk) == "miss"
    one.upkeep.turn()
    for _ in range(2):
        served = other.desk.answer(actor_with(Role.DEVELOPER), "charts", TEXT, BODY)
        assert served.outcome == "miss" and served.made.degraded[0].why == "files_damaged"
    for each in (one, other):
        each.stop()
    ephemeris.close()
