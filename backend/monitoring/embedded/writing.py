"""Samples that were not scraped: remote write and the results of rules."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.embedded.catalogue import REFUSED, Catalogue, add_head, read_layout
from backend.monitoring.embedded.codecs import Ids, head_body, times_array
from backend.monitoring.embedded.records import BLOCK_MS, Appended, Series, StoreLimits
from backend.monitoring.embedded.schema import WRITTEN
from backend.monitoring.promql.labels import NAME, Labels
from backend.monitoring.promql.samples import Times, Values, stale_among

NEVER = np.iinfo(np.int64).min


# the index has all that is asked for; the rows themselves are large
_SINCE = {
    "head": "SELECT layout, max(last) FROM head WHERE id > ? GROUP BY layout",
    "chunk": "SELECT layout, max(last) FROM chunk INDEXED BY chunk_last"
    " WHERE id > ? AND id NOT IN (SELECT chunk FROM ended) GROUP BY layout",
}


class LastTimes:
    """When each series was written last, whichever process wrote it."""

    def __init__(self) -> None:
        self._epoch = -1
        self._last: NDArray[np.int64] = np.full(1024, NEVER, np.int64)
        self._seen = {"head": 0, "chunk": 0}

    def catch_up(self, connection: sqlite3.Connection, epoch: int) -> None:
        """What others have written since. Of another epoch nothing is remembered: it may be another file."""
        if epoch != self._epoch:
            self._last.fill(NEVER)
            self._seen, self._epoch = {"head": 0, "chunk": 0}, epoch
        for table, asked in _SINCE.items():
            newest = connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0
            if newest > self._seen[table]:
                for layout, last in connection.execute(asked, [self._seen[table]]).fetchall():
                    self.note(read_layout(connection, layout), last)
                if table == "chunk":
                    self._note_ended(connection)
                self._seen[table] = newest

    def _note_ended(self, connection: sqlite3.Connection) -> None:
        """Of chunks whose series do not all have a sample at the last instant."""
        asked = "SELECT layout, ended.body FROM ended JOIN chunk ON chunk.id=ended.chunk WHERE ended.chunk > ?"
        for layout, body in connection.execute(asked, [self._seen["chunk"]]).fetchall():
            ids, ends = read_layout(connection, layout), times_array(body)
            if ids.size == ends.size:
                self.note(ids, ends)

    def wrote(self, connection: sqlite3.Connection) -> None:
        """Our own rows need no reading."""
        self._seen["head"] = connection.execute("SELECT max(id) FROM head").fetchone()[0] or 0

    def of(self, series: int) -> int:
        return int(self._last[series]) if series < self._last.size else NEVER

    def note(self, ids: Ids, last: int | Times) -> None:
        if not ids.size:
            return
        most = int(ids.max())
        if most >= self._last.size:
            self._last = np.concatenate([self._last, np.full(max(most + 1, 2 * self._last.size) - self._last.size, NEVER, np.int64)])
        self._last[ids] = np.maximum(self._last[ids], last)


def refusal(labels: Labels, limits: StoreLimits) -> str | None:
    """Why a series with these labels may not be; None: it may."""
    if len(labels) > limits.labels:
        return "too_many_labels"
    if not any(name == NAME for name, _ in labels):
        return "no_name"
    if any(len(name) > limits.label_name or len(value) > limits.label_value for name, value in labels):
        return "label_too_long"
    return None


def append(
    connection: sqlite3.Connection, catalogue: Catalogue, last: LastTimes, written: Sequence[Series], limits: StoreLimits, latest: int
) -> Appended:
    """Within the caller's transaction. Out of order, there already, or later than ``latest`` (ms): dropped and counted."""
    dropped: Counter[str] = Counter()
    last.catch_up(connection, catalogue.epoch)
    groups: dict[bytes, tuple[Times, list[int], list[Values]]] = {}
    for series, number in zip(written, _numbers(connection, catalogue, written, limits, dropped), strict=True):
        if number == REFUSED:
            continue
        times, values = _in_order(_until(series, latest, dropped), last.of(number), dropped)
        if not times.size:
            continue
        last.note(np.array([number]), int(times[-1]))
        for begin, end in _blocks(times):
            part = times[begin:end]
            _, ids, rows = groups.setdefault(part.tobytes(), (part, [], []))
            ids.append(number)
            rows.append(values[begin:end])
    for times, ids, rows in groups.values():
        _add(connection, catalogue, times, np.array(ids, np.int64), np.stack(rows))
    last.wrote(connection)
    return Appended(sum(len(ids) * len(times) for times, ids, _ in groups.values()), dict(+dropped))


def _numbers(
    connection: sqlite3.Connection, catalogue: Catalogue, written: Sequence[Series], limits: StoreLimits, dropped: Counter[str]
) -> list[int]:
    reasons = [refusal(series.labels, limits) for series in written]
    allowed = iter(catalogue.ids(connection, [series.labels for series, why in zip(written, reasons, strict=True) if why is None]))
    found = []
    for series, why in zip(written, reasons, strict=True):
        number = REFUSED if why else next(allowed)
        if number == REFUSED:
            dropped[why or "too_many_series"] += len(series.times)
        found.append(number)
    return found


def _until(series: Series, latest: int, dropped: Counter[str]) -> Series:
    """A writer whose clock is wrong must not keep its series from what comes when that time has come."""
    kept = series.times <= latest
    if kept.all():
        return series
    dropped["too_far_ahead"] += int((~kept).sum())
    return Series(series.labels, series.times[kept], series.values[kept])


def _in_order(series: Series, last: int, dropped: Counter[str]) -> tuple[Times, Values]:
    """What is later than all before it."""
    times, values = series.times, series.values
    if times.size and times[0] > last and (np.diff(times) > 0).all():
        return times, values
    before = np.maximum.accumulate(np.concatenate([[last], times[:-1]])) if times.size else times
    kept = times > before
    dropped["duplicate"] += int((times == before).sum())
    dropped["out_of_order"] += int((times < before).sum())
    return times[kept], values[kept]


def _blocks(times: Times) -> list[tuple[int, int]]:
    """Where each two hours begin and end in it."""
    cuts = np.flatnonzero(np.diff(times // BLOCK_MS)) + 1
    return list(zip([0, *cuts.tolist()], [*cuts.tolist(), times.size], strict=True))


def _add(connection: sqlite3.Connection, catalogue: Catalogue, times: Times, ids: Ids, values: Values) -> None:
    stale = bool(stale_among(values).any())
    span = (int(times[0]), int(times[-1]))
    add_head(connection, WRITTEN, span, len(times), catalogue.layout(connection, ids), stale, head_body(times, values))
