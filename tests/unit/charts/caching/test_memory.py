"""What a process keeps is bounded by number and by bytes, and what was asked for longest ago goes first."""

from __future__ import annotations

from backend.charts.caching.memory import Memory
from tests.support.threads import at_once
from tests.unit.charts.caching.fakes import made


def keep(memory: Memory, name: bytes, content: bytes = b"{}") -> None:
    memory.keep(name, made(content), "charts", b"text of " + name, b"digest of " + name)


def names(memory: Memory, among: range) -> list[int]:
    return [number for number in among if memory.by_key(b"%d" % number) is not None]


def test_an_answer_is_found_by_its_key_and_by_its_text() -> None:
    memory = Memory()
    keep(memory, b"1", b"content")
    for found in (memory.by_key(b"1"), memory.by_text(b"digest of 1")):
        assert found is not None and found.content == b"content"
    assert memory.by_key(b"2") is None and memory.by_text(b"digest of 2") is None


def test_another_text_of_the_same_meaning_is_learned() -> None:
    memory = Memory()
    keep(memory, b"1")
    assert memory.by_text(b"other digest") is None
    assert memory.by_key(b"1", b"other digest") is not None
    assert memory.by_text(b"other digest") is memory.by_text(b"digest of 1")


def test_the_least_recently_asked_goes_first() -> None:
    memory = Memory(most_entries=3)
    for number in range(3):
        keep(memory, b"%d" % number)
    assert memory.by_text(b"digest of 0") is not None
    keep(memory, b"3")
    assert names(memory, range(4)) == [0, 2, 3]
    assert memory.by_text(b"digest of 1") is None
    assert memory.figures().evictions == 1


def test_bytes_are_bounded_whatever_is_kept() -> None:
    memory = Memory(most_bytes=40_000)
    for number in range(100):
        keep(memory, b"%d" % number, b"x" * 3000)
        assert memory.figures().bytes <= 40_000
    assert memory.figures().entries == len(names(memory, range(100))) < 12


def test_one_that_would_push_out_all_others_is_not_kept() -> None:
    memory = Memory(most_bytes=40_000)
    keep(memory, b"1")
    keep(memory, b"2", b"x" * 6000)
    assert memory.by_key(b"1") is not None and memory.by_key(b"2") is None


def test_keeping_an_answer_anew_counts_its_bytes_once() -> None:
    memory = Memory()
    keep(memory, b"1", b"x" * 1000)
    once = memory.figures().bytes
    keep(memory, b"1", b"y" * 1000)
    assert memory.figures().bytes == once and memory.figures().entries == 1


def test_texts_are_bounded_too() -> None:
    memory = Memory(most_entries=4)
    keep(memory, b"1")
    for number in range(100):
        memory.by_key(b"1", b"spelling %d" % number)
    assert sum(memory.by_text(b"spelling %d" % number) is not None for number in range(100)) <= 8


def test_what_was_asked_often_is_told_once() -> None:
    memory = Memory()
    for number in range(3):
        keep(memory, b"%d" % number)
        for _ in range(number * 2):
            memory.by_text(b"digest of %d" % number)
    assert [(one.text, one.times) for one in memory.take_asked(3)] == [(b"text of 2", 4)]
    assert memory.take_asked(3) == []
    memory.by_key(b"1")
    assert [one.times for one in memory.take_asked(3)] == [3]


def test_many_threads_at_once_keep_the_books_right() -> None:
    memory = Memory(most_entries=50)

    def work(thread: int) -> None:
        for number in range(300):
            keep(memory, b"%d" % ((number * 7 + thread) % 90), b"x" * (number % 50))
            memory.by_text(b"digest of %d" % (number % 90))

    at_once(*[lambda thread=thread: work(thread) for thread in range(6)])
    kept = [found for number in range(90) if (found := memory.by_key(b"%d" % number))]
    assert len(kept) == memory.figures().entries <= 50
