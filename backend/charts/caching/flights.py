"""Whoever asks for what is being made already waits for that, and it is made once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from typing import Generic, TypeVar

from backend.errors import DeadlineExceeded

T = TypeVar("T")


class Flights(Generic[T]):
    """The work under way, by key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[bytes, Future[T]] = {}

    def join(self, key: bytes, make: Callable[[], T], patience: Callable[[], float]) -> T:
        """What ``make`` gives, made here or by whoever began before; their error is ours too.

        But for their impatience: when the one who began gave up, the next begins anew. ``patience``: seconds left, or DeadlineExceeded.
        """
        while True:
            with self._lock:
                flight = self._under_way.get(key)
                if flight is None:
                    mine: Future[T] = Future()
                    self._under_way[key] = mine
            if flight is None:
                return self._lead(key, mine, make)
            try:
                return flight.result(patience())
            except Late:
                raise DeadlineExceeded("the answer was not ready in time") from None
            except DeadlineExceeded:
                patience()

    def _lead(self, key: bytes, flight: Future[T], make: Callable[[], T]) -> T:
        try:
            made = make()
        except BaseException as error:
            self._end(key)
            flight.set_exception(error)
            flight.exception()  # seen, whether anybody waits or not
            raise
        self._end(key)
        flight.set_result(made)
        return made

    def _end(self, key: bytes) -> None:
        with self._lock:
            del self._under_way[key]
