"""One scrape becomes one row of the head: what was exposed, what vanished, and what is known of the scrape itself."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from backend.monitoring.embedded import exposition
from backend.monitoring.embedded.catalogue import REFUSED, Catalogue, add_head, labels_read, labels_text, read_layout
from backend.monitoring.embedded.codecs import Ids, head_body
from backend.monitoring.embedded.exposition import Exposed, NotExposition
from backend.monitoring.embedded.records import Appended, Exposition, Failure, StoreLimits, Target
from backend.monitoring.embedded.writing import refusal
from backend.monitoring.promql.labels import NAME, Labels, labels_of
from backend.monitoring.promql.samples import STALE, Values

ABOUT = ("up", "scrape_duration_seconds", "scrape_samples_scraped")
MOST_SECONDS = 1e11  # the year 5138
NOBODY = np.empty(0, np.int64)


@dataclass
class Known:
    """What is remembered of one target between scrapes."""

    stream: int
    last: int
    live: Ids
    about: Ids
    numbers: dict[bytes, int] = field(default_factory=dict)  # by what stands before the value
    refused: dict[bytes, str] = field(default_factory=dict)  # and why
    keys: Sequence[bytes] = ()
    chosen: tuple[Ids, Ids] = (NOBODY, NOBODY)  # which places of ``keys`` are kept, and their series
    dropped: Counter[str] = field(default_factory=Counter)
    comments: Sequence[bytes] = ()
    exemplars: dict[int, exposition.RawExemplar] = field(default_factory=dict)


@dataclass(frozen=True)
class Scrape:
    """What a target answered at an instant, read; ``failed`` says why there is nothing."""

    target: Target
    at: int
    seconds: float
    exposed: Exposed | None
    failed: str = ""
    fresh: Mapping[bytes, dict[str, str]] = field(default_factory=dict)  # the labels of lines that were not known


class ScrapeWriter:
    """Keeps scrapes within the caller's transaction. Only the process that scrapes has one."""

    def __init__(self, catalogue: Catalogue, limits: StoreLimits) -> None:
        self._catalogue = catalogue
        self._limits = limits
        self._known: dict[Labels, Known] = {}
        self._epoch = -1

    def forget(self) -> None:
        """After a transaction that came to nothing."""
        self._known.clear()

    def read(self, target: Target, at: int, answer: Exposition | Failure, seconds: float) -> Scrape:
        """The costly part, before a transaction is begun."""
        if isinstance(answer, Failure):
            return Scrape(target, at, seconds, None, answer.reason)
        known = self._known.get(target.labels)
        numbers = known.numbers if known else {}
        try:
            exposed = exposition.read(answer.body, answer.content_type, numbers, self._limits.scrape_samples)
            fresh = {key: exposition.labels_of_key(key) for key in exposed.keys if key not in numbers}
        except NotExposition as error:
            return Scrape(target, at, seconds, None, f"unreadable: {error}")
        return Scrape(target, at, seconds, exposed, fresh=fresh)

    def keep(self, connection: sqlite3.Connection, scrape: Scrape) -> Appended:
        if self._catalogue.epoch != self._epoch:
            self._known.clear()
            self._epoch = self._catalogue.epoch
        known = self._known.get(scrape.target.labels) or self._remember(connection, scrape.target)
        size = len(scrape.exposed.keys) if scrape.exposed else 0
        if scrape.at <= known.last:
            return Appended(0, {"out_of_order": size + len(ABOUT)})
        ids, values = self._exposed(connection, known, scrape)
        vanished = np.setdiff1d(known.live, np.concatenate([ids, known.about]), assume_unique=True)
        about = np.array([0.0 if scrape.failed else 1.0, scrape.seconds, size])
        self._add(connection, known, scrape.at, [ids, known.about, vanished], [values, about, np.full(vanished.size, STALE)])
        known.live, known.last = np.concatenate([ids, known.about]), scrape.at
        self._note(connection, known, scrape, size)
        if scrape.exposed is None:
            return Appended(len(ABOUT))
        unreadable = self._keep_exemplars(connection, known, scrape.exposed, scrape.at)
        return Appended(ids.size + len(ABOUT), dict(known.dropped + Counter(unreadable_exemplar=unreadable)))

    def end(self, connection: sqlite3.Connection, labels: Labels, at: int) -> None:
        """The target is no more: each of its series ends here."""
        known = self._known.pop(labels, None) or self._remember(connection, Target(labels, ""))
        self._known.pop(labels, None)
        if known.live.size and at > known.last:
            self._add(connection, known, at, [known.live], [np.full(known.live.size, STALE)])
        connection.execute("UPDATE target SET active=0, live=NULL, last=max(last, ?) WHERE id=?", [at, known.stream])

    def _remember(self, connection: sqlite3.Connection, target: Target) -> Known:
        text = labels_text(target.labels)
        row = connection.execute("SELECT id, last, live FROM target WHERE labels=?", [text]).fetchone()
        if row is None:
            asked = "INSERT INTO target (labels, url, last, health, error, seconds, samples, active) VALUES (?, ?, 0, '', '', 0, 0, 1)"
            row = (*connection.execute(f"{asked} RETURNING id", [text, target.url]).fetchone(), 0, None)
        about = self._catalogue.ids(connection, [labels_of({**dict(target.labels), NAME: name}) for name in ABOUT], capped=False)
        live = NOBODY if row[2] is None else read_layout(connection, row[2])
        known = self._known[target.labels] = Known(row[0], row[1], live, np.array(about, np.int64))
        return known

    def _exposed(self, connection: sqlite3.Connection, known: Known, scrape: Scrape) -> tuple[Ids, Values]:
        if scrape.exposed is None:
            return NOBODY, np.empty(0)
        if scrape.exposed.keys != known.keys:
            self._number(connection, known, scrape)
        places, ids = known.chosen
        return ids, scrape.exposed.values[places]

    def _number(self, connection: sqlite3.Connection, known: Known, scrape: Scrape) -> None:
        """Which lines are kept, and as what; the same answer holds until the lines change."""
        keys = scrape.exposed.keys if scrape.exposed else ()
        self._meet(connection, known, scrape, [key for key in dict.fromkeys(keys) if key not in known.numbers])
        numbers = np.array([known.numbers[key] for key in keys], np.int64)
        ids, first = np.unique(numbers, return_index=True)
        places = np.sort(first[(ids != REFUSED) & ~np.isin(ids, known.about)])
        known.keys, known.chosen = keys, (places, numbers[places])
        known.dropped = Counter(known.refused[key] for key in keys if key in known.refused)
        known.dropped["duplicate"] = numbers.size - places.size - known.dropped.total()
        if len(known.numbers) > 4 * self._limits.scrape_samples:  # lines that come and go must not fill the memory
            known.numbers = {key: known.numbers[key] for key in keys}
            known.refused = {key: known.refused[key] for key in keys if key in known.refused}

    def _meet(self, connection: sqlite3.Connection, known: Known, scrape: Scrape, new: Sequence[bytes]) -> None:
        """Lines that were not there before."""
        labels = {key: _with_target(scrape.fresh.get(key) or exposition.labels_of_key(key), scrape.target.labels) for key in new}
        reasons = {key: refusal(labels[key], self._limits) for key in new}
        allowed = [key for key in new if reasons[key] is None]
        known.numbers.update(dict.fromkeys(new, REFUSED))
        known.numbers.update(zip(allowed, self._catalogue.ids(connection, [labels[key] for key in allowed]), strict=True))
        known.refused.update({key: reasons[key] or "too_many_series" for key in new if known.numbers[key] == REFUSED})

    def _add(self, connection: sqlite3.Connection, known: Known, at: int, ids: list[Ids], values: list[Values]) -> None:
        every, row = np.concatenate(ids), np.concatenate(values)
        if every.size:
            layout = self._catalogue.layout(connection, every)
            stale = bool(ids[-1].size) and bool(np.isnan(values[-1]).all())
            add_head(connection, known.stream, (at, at), 1, layout, stale, head_body(np.array([at]), row))

    def _note(self, connection: sqlite3.Connection, known: Known, scrape: Scrape, size: int) -> None:
        live = self._catalogue.layout(connection, known.live) if known.live.size else None
        connection.execute(
            "UPDATE target SET url=?, live=?, last=?, health=?, error=?, seconds=?, samples=?, active=1 WHERE id=?",
            [scrape.target.url, live, scrape.at, "down" if scrape.failed else "up", scrape.failed, scrape.seconds, size, known.stream],
        )
        if scrape.exposed is not None and scrape.exposed.comments != known.comments:
            known.comments = scrape.exposed.comments
            families = [(name, said.type, said.help, said.unit) for name, said in exposition.metadata(known.comments).items()]
            connection.executemany("INSERT OR REPLACE INTO family VALUES (?, ?, ?, ?)", families)

    def _keep_exemplars(self, connection: sqlite3.Connection, known: Known, exposed: Exposed, at: int) -> int:
        """A process shows each until the next comes; it is kept once. How many could not be read."""
        rows, unreadable = [], 0
        for place, raw in exposed.exemplars:
            number = known.numbers[exposed.keys[place]]
            if number == REFUSED or known.exemplars.get(number) == raw:
                continue
            known.exemplars[number] = raw
            try:
                labels = labels_of(exposition.exemplar_labels(raw.labels))
            except NotExposition:
                unreadable += 1
                continue
            rows.append((number, _moment(raw.at, at), raw.value, labels_text(labels)))
        if rows:
            connection.executemany("INSERT OR IGNORE INTO exemplar VALUES (?, ?, ?, ?)", rows)
        return unreadable


def _moment(seconds: float | None, otherwise: int) -> int:
    """Milliseconds; an exemplar without a time, or with one that is none, is of the scrape's."""
    return round(seconds * 1000) if seconds is not None and 0 < seconds < MOST_SECONDS else otherwise


def _with_target(labels: dict[str, str], target: Labels) -> Labels:
    """The target's labels win; what the process itself had under that name is kept as ``exported_…``."""
    found = dict(labels)
    for name, value in target:
        if found.get(name):
            found[f"exported_{name}"] = found[name]
        found[name] = value
    return labels_of(found)


def active_targets(connection: sqlite3.Connection) -> list[Labels]:
    return [labels_read(text) for (text,) in connection.execute("SELECT labels FROM target WHERE active=1")]
