"""A full disk, a file that may not be written, damaged parts: a gap and a counter, and it goes on."""

from __future__ import annotations

import contextlib
import os
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from backend.errors import StorageUnavailable
from backend.monitoring.embedded.records import BLOCK_MS
from backend.monitoring.embedded.store import MetricsStore
from tests.unit.monitoring.embedded.stores import T0, TARGET, exposed, held, named, of, scrape, store_at, written


@contextlib.contextmanager
def no_room(path: Path) -> Iterator[None]:
    """No file of this process may grow beyond what the log of the store has now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name(path.name + "-wal").stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_costs_the_scrapes_of_that_time(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    scrape(store, T0, "a 1")
    with no_room(store.path):
        for later in (5, 10):
            with pytest.raises(StorageUnavailable):
                store.append_scrape(TARGET, T0 + later, exposed("a 2", "b 1"), 0.1)
        assert of(store, "a") == {T0: 1.0}
        assert store.status().counters["failed:writes"] == 2
    scrape(store, T0 + 15, "a 3")
    assert of(store, "a") == {T0: 1.0, T0 + 15: 3.0}
    assert store_at(tmp_path).status().counters["failed:writes"] == 2


def test_a_full_disk_leaves_compaction_for_later(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    rng = np.random.default_rng(1)
    for number in range(20):
        store.append([written(named("a", n=str(number)), list(range(T0, T0 + 5000, 10)), rng.random(500).tolist())])
    before = held(store)
    with no_room(store.path), pytest.raises(StorageUnavailable):
        store.compact(T0 + 2 * BLOCK_MS)
    assert held(store) == before
    store.compact(T0 + 2 * BLOCK_MS)
    assert held(store) == before
    assert store.status().head_rows == 0


def test_a_file_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    del tmp_path  # whose folders nobody else may enter
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        store = store_at(Path(folder))
        scrape(store, T0, "a 1")
        store.path.parent.chmod(0o755)
        for file in store.path.parent.iterdir():
            file.chmod(0o644)
        child = os.fork()
        if not child:
            os._exit(_reads_and_cannot_write(Path(folder)))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _reads_and_cannot_write(folder: Path) -> int:
    """In a process of its own, as nobody; the exit status."""
    found = 2
    with contextlib.suppress(Exception):
        if os.getuid() == 0:
            os.setuid(65534)
        store = store_at(folder)
        with pytest.raises(StorageUnavailable):
            scrape(store, T0 + 5, "a 2")
        found = 0 if store.status().counters["failed:writes"] == 1 and of(store, "a") == {T0: 1.0} else 1
    return found


def damage(store: MetricsStore, table: str, which: str = "min") -> None:
    """Turn one byte of a stored blob around."""
    store.close()
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        row, body = connection.execute(f"SELECT id, body FROM {table} WHERE id=(SELECT {which}(id) FROM {table})").fetchone()
        broken = body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 0x55]) + body[len(body) // 2 + 1 :]
        connection.execute(f"UPDATE {table} SET body=? WHERE id=?", [broken, row])


def filled(folder: Path) -> MetricsStore:
    store = store_at(folder)
    for block in range(3):
        store.append(
            [written(named("a", n=str(number)), [T0 + block * BLOCK_MS, T0 + block * BLOCK_MS + 1], [1, number]) for number in range(3)]
        )
    return store


def gap(store: MetricsStore) -> set[int]:
    """The blocks of which nothing is left."""
    return set(range(3)) - {(time - T0) // BLOCK_MS for samples in held(store).values() for time in samples}


@pytest.mark.parametrize("table", ["chunk", "times"])
def test_a_damaged_chunk_is_a_gap_and_counted(tmp_path: Path, table: str) -> None:
    store = filled(tmp_path)
    store.compact(T0 + 9 * BLOCK_MS)
    damage(store, table)
    again = store_at(tmp_path)
    assert gap(again) == {0}
    assert again.status().damaged == 1
    assert gap(again) == {0}
    assert again.status().damaged == 1


def test_a_damaged_row_of_the_head_is_a_gap_and_counted_and_goes_with_compaction(tmp_path: Path) -> None:
    store = filled(tmp_path)
    damage(store, "head", "max")
    again = store_at(tmp_path)
    assert gap(again) == {2}
    assert again.status().damaged == 1
    again.compact(T0 + 9 * BLOCK_MS)
    assert gap(again) == {2}
    assert store_at(tmp_path).status().damaged == 1


def test_one_damaged_piece_of_a_wide_block_leaves_the_others_whole(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    for block in range(2):
        times = list(range(T0 + block * BLOCK_MS, T0 + block * BLOCK_MS + 100))
        store.append([written(named("a", n=str(number)), times, list(range(number, number + 100))) for number in range(400)])
    store.compact(T0 + 9 * BLOCK_MS)
    whole = held(store)
    damage(store, "chunk")
    found = held(store_at(tmp_path))
    hurt = {labels for labels in whole if found[labels] != whole[labels]}
    assert len(hurt) == 128
    assert all(found[labels] == {time: value for time, value in whole[labels].items() if time >= T0 + BLOCK_MS} for labels in hurt)


def test_a_damaged_list_of_series_is_a_gap(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.close()
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE layout SET members=x'00'")
    assert held(store_at(tmp_path)) == {}


@pytest.mark.parametrize("content", [b"this is no database" * 300, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_none_of_ours_is_set_aside(tmp_path: Path, content: bytes) -> None:
    store = store_at(tmp_path)
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    with pytest.raises(StorageUnavailable):
        held(store)
    with pytest.raises(StorageUnavailable):
        scrape(store, T0, "a 1")
    assert store.mend()
    assert not store.mend()
    scrape(store, T0 + 5, "a 2")
    assert of(store, "a") == {T0 + 5: 2.0}
    assert (store.path.parent / "metrics.db.damaged-1").read_bytes() == content


def test_other_processes_follow_to_the_new_file(tmp_path: Path) -> None:
    store, other = store_at(tmp_path), store_at(tmp_path)
    scrape(store, T0, "a 1")
    other.append([written(named("b"), [T0], [1])])
    assert len(held(other)) == 5
    store.path.rename(store.path.with_name("away"))
    for beside in ("-wal", "-shm"):
        store.path.with_name(f"metrics.db{beside}").unlink(missing_ok=True)
    scrape(store, T0 + 5, "c 2")
    assert of(other, "c") == {T0 + 5: 2.0}
    other.append([written(named("b"), [T0], [3])])
    assert of(store, "b") == {T0: 3.0}
    assert of(other, "a") == {}


def test_a_file_of_an_earlier_format_is_set_aside(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    scrape(store, T0, "a 1")
    store.close()
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE fact SET value=1 WHERE name='format'")
    again = store_at(tmp_path)
    with pytest.raises(StorageUnavailable, match="format 1"):
        scrape(again, T0 + 5, "a 2")
    assert again.mend()
    scrape(again, T0 + 5, "a 2")
    assert of(again, "a") == {T0 + 5: 2.0}


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    scrape(store, T0, "a 1")
    store.close()
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE fact SET value=99 WHERE name='format'")
    again = store_at(tmp_path)
    with pytest.raises(StorageUnavailable, match="format 99"):
        scrape(again, T0 + 5, "a 2")
    assert not again.mend()
