"""Samples written from elsewhere, by any process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.errors import InvalidRequest
from backend.monitoring.embedded import remote_write
from backend.monitoring.embedded.records import BLOCK_MS, StoreLimits
from backend.monitoring.promql.samples import STALE
from tests.support.clock import START
from tests.unit.monitoring.embedded.stores import T0, held, named, of, store_at, written

A, B = named("a"), named("b", job="x")


def test_samples_are_kept_by_their_own_times(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    done = store.append([written(A, [T0, T0 + 15], [1, 2]), written(B, [T0 + 7], [STALE])])
    assert (done.kept, done.dropped) == (3, {})
    assert held(store) == {A: {T0: 1.0, T0 + 15: 2.0}, B: {T0 + 7: "stale"}}


def test_older_than_the_newest_is_dropped_and_counted(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.append([written(A, [T0, T0 + 10], [1, 2])])
    done = store.append([written(A, [T0 - 1, T0 + 10, T0 + 5, T0 + 20, T0 + 15, T0 + 20], [9, 9, 9, 3, 9, 9])])
    assert (done.kept, done.dropped) == (1, {"out_of_order": 3, "duplicate": 2})
    assert of(store, "a") == {T0: 1.0, T0 + 10: 2.0, T0 + 20: 3.0}
    assert store.status().counters["dropped:out_of_order"] == 3


def test_another_process_knows_what_was_written_even_after_compaction(tmp_path: Path) -> None:
    mine, other = store_at(tmp_path), store_at(tmp_path)
    mine.append([written(A, [T0, T0 + 10], [1, 2])])
    assert other.append([written(A, [T0 + 5], [9])]).dropped == {"out_of_order": 1}
    mine.append([written(A, [T0 + 20], [3])])
    mine.compact(T0 + 2 * BLOCK_MS)
    assert other.append([written(A, [T0 + 20, T0 + 30], [9, 4])]).dropped == {"duplicate": 1}
    assert mine.append([written(A, [T0 + 25], [9])]).dropped == {"out_of_order": 1}
    assert store_at(tmp_path).append([written(A, [T0 + 30], [9])]).dropped == {"duplicate": 1}
    assert of(mine, "a") == {T0: 1.0, T0 + 10: 2.0, T0 + 20: 3.0, T0 + 30: 4.0}


def test_a_series_that_lags_behind_its_neighbours_may_go_on_after_compaction(tmp_path: Path) -> None:
    mine, other = store_at(tmp_path), store_at(tmp_path)
    mine.append([written(A, range(T0, T0 + 100, 10), range(10)), written(B, range(T0, T0 + 60, 10), range(6))])
    mine.compact(T0 + 2 * BLOCK_MS)
    assert mine.status().chunks == 1
    done = other.append([written(B, [T0 + 50, T0 + 60], [9, 6]), written(A, [T0 + 90, T0 + 100], [9, 10])])
    assert (done.kept, done.dropped) == (2, {"duplicate": 2})


def test_a_writer_whose_clock_is_far_ahead_is_not_believed(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    now = round(START.timestamp() * 1000)
    done = store.append([written(A, [now, now + 600_000, now + 600_001], [1, 2, 3])])
    assert (done.kept, done.dropped) == (2, {"too_far_ahead": 1})


def test_samples_of_several_blocks_are_parted(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    times = [T0 + BLOCK_MS - 1, T0 + BLOCK_MS, T0 + 3 * BLOCK_MS]
    store.append([written(A, times, [1, 2, 3])])
    assert store.status().head_rows == 3
    assert of(store, "a") == dict(zip(times, [1.0, 2.0, 3.0], strict=True))


def test_series_that_may_not_be_are_dropped_by_reason(tmp_path: Path) -> None:
    store = store_at(tmp_path, StoreLimits(series=1, label_value=5))
    nameless, long = (("job", "x"),), named("too_long")
    done = store.append([written(labels, [T0], [1]) for labels in (A, B, nameless, long)])
    assert (done.kept, done.dropped) == (1, {"too_many_series": 1, "no_name": 1, "label_too_long": 1})


def test_nothing_written_is_nothing_kept(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    assert store.append([]).kept == 0
    assert store.append([written(A, [], [])]).kept == 0
    assert held(store) == {}


def test_a_remote_write_is_read_to_the_bit() -> None:
    values = [1.5, float("nan"), STALE, float("-inf"), -0.0]
    sent = [written(A, range(T0, T0 + 5), values), written(B, [T0], [7])]
    got = remote_write.decoded(remote_write.encoded(sent))
    assert [series.labels for series in got] == [A, B]
    assert (got[0].values.view(np.uint64) == np.array(values).view(np.uint64)).all()
    assert got[0].times.tolist() == list(range(T0, T0 + 5))


def test_fields_that_we_do_not_read_are_passed_over() -> None:
    import cramjam

    plain = bytes(cramjam.snappy.decompress_raw(remote_write.encoded([written(A, [T0], [1])])))
    metadata = b"\x1a\x04\x08\x01\x12\x00"  # field 3 of WriteRequest
    [series] = remote_write.decoded(bytes(cramjam.snappy.compress_raw(plain + metadata)))
    assert series.labels == A


@pytest.mark.parametrize("body", [b"", b"nonsense", b"\xff\xff\xff\xff\x0f", b"\x05\x10hello"])
def test_a_body_that_is_no_remote_write_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        remote_write.decoded(body)
