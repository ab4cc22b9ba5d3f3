"""Which series match: names and values of labels by number, in memory, added to as series come."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.embedded.catalogue import labels_read
from backend.monitoring.embedded.codecs import Ids
from backend.monitoring.promql.labels import Labels, Match, Matcher
from backend.monitoring.promql.samples import Mask

MOST_ANSWERS = 64  # remembered: pages ask the same again and again

Places = NDArray[np.int64]


class LabelIndex:
    """One a process. A place is a series' rank by number; a place never changes while no series is taken out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clear(-1)

    def _clear(self, epoch: int) -> None:
        self._epoch = epoch
        self._numbers: list[int] = []
        self._labels: list[Labels] = []
        self._places: dict[str, dict[str, list[int]]] = {}
        self._answers: OrderedDict[tuple[Matcher, ...], tuple[int, Ids, list[Labels]]] = OrderedDict()

    def matching(self, connection: sqlite3.Connection, matchers: Sequence[Matcher]) -> tuple[Ids, list[Labels]]:
        """Numbers, ascending, and labels of the series that match."""
        with self._lock:
            self._refresh(connection)
            asked = tuple(matchers)
            size, ids, labels = self._answers.get(asked, (-1, None, None))
            if ids is None or labels is None or size != len(self._numbers):
                places = np.flatnonzero(self._match(matchers)).tolist()
                ids, labels = np.array([self._numbers[place] for place in places], np.int64), [self._labels[place] for place in places]
                self._answers[asked] = (len(self._numbers), ids, labels)
            self._answers.move_to_end(asked)
            if len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)
            return ids, labels

    def matching_any(self, connection: sqlite3.Connection, selectors: Sequence[Sequence[Matcher]]) -> dict[int, Labels]:
        """By number, the series that match one of the selectors; all, when there is none."""
        found: dict[int, Labels] = {}
        for matchers in selectors or [()]:
            ids, labels = self.matching(connection, matchers)
            found.update(zip(ids.tolist(), labels, strict=True))
        return found

    def size(self, connection: sqlite3.Connection) -> int:
        with self._lock:
            self._refresh(connection)
            return len(self._numbers)

    def _refresh(self, connection: sqlite3.Connection) -> None:
        (epoch,) = connection.execute("SELECT value FROM fact WHERE name='epoch'").fetchone()
        if epoch != self._epoch:
            self._clear(epoch)
        after = self._numbers[-1] if self._numbers else 0
        self._add(connection.execute("SELECT id, labels FROM series WHERE id > ? ORDER BY id", [after]))

    def _add(self, rows: Iterable[tuple[int, bytes]]) -> None:
        for number, text in rows:
            labels = labels_read(text.decode())
            place = len(self._numbers)
            self._numbers.append(number)
            self._labels.append(labels)
            for name, value in labels:
                self._places.setdefault(name, {}).setdefault(value, []).append(place)

    def _match(self, matchers: Sequence[Matcher]) -> Mask:
        """The cheap ones first: of what is left few values need be looked at."""
        found = np.ones(len(self._numbers), np.bool_)
        for matcher in sorted(matchers, key=lambda matcher: matcher.match is not Match.EQUAL):
            left = np.flatnonzero(found)
            if left.size < len(self._places.get(matcher.name, {})):
                found[left] = [matcher.matches(dict(self._labels[place]).get(matcher.name, "")) for place in left.tolist()]
            else:
                found &= self._match_one(matcher)
        return found

    def _match_one(self, matcher: Matcher) -> Mask:
        """By value, of which there are fewer than series; a series without the label has the value ''."""
        values = self._places.get(matcher.name, {})
        if matcher.match is Match.EQUAL and matcher.value:
            values = {matcher.value: values[matcher.value]} if matcher.value in values else {}
        without = matcher.matches("")
        found = np.full(len(self._numbers), without)
        for value, places in values.items():
            if matcher.matches(value) != without:
                found[places] = not without
        return found
