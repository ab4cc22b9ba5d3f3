"""Answers to the server's questions, out of the engine and the store; every error that can be told is a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from backend.clock import Clock
from backend.errors import InvalidRequest, QueryProblem, ServiceError
from backend.metrics_server import documents, questions
from backend.metrics_server.questions import Question, Said
from backend.metrics_server.target_documents import target_document
from backend.metrics_server.trees import printed, selectors_in
from backend.monitoring.embedded.records import Appended, Metadata, Series, StoredExemplar, StoreStatus, TargetState
from backend.monitoring.embedded.remote_write import decoded
from backend.monitoring.promql.answers import data_of, number_text
from backend.monitoring.promql.engine import Engine, Limits
from backend.monitoring.promql.labels import Labels, Matcher
from backend.monitoring.promql.parsing import parse, parse_selector
from backend.monitoring.promql.result import QueryResult
from backend.monitoring.promql.samples import SampleSource

T = TypeVar("T")

TRUNCATED = "results truncated due to limit"


class Store(SampleSource, Protocol):
    """What answers take of the metrics store."""

    def series(self, selectors: Sequence[Sequence[Matcher]], start: int, end: int) -> list[Labels]: ...

    def label_names(self, selectors: Sequence[Sequence[Matcher]], start: int, end: int) -> list[str]: ...

    def label_values(self, label: str, selectors: Sequence[Sequence[Matcher]], start: int, end: int) -> list[str]: ...

    def metadata(self) -> dict[str, Metadata]: ...

    def exemplars(self, selector: Sequence[Matcher], start: int, end: int) -> list[StoredExemplar]: ...

    def targets(self) -> list[TargetState]: ...

    def status(self) -> StoreStatus: ...

    def append(self, written: Sequence[Series]) -> Appended: ...


class Answering:
    """One question at a time."""

    def __init__(self, store: Store, limits: Limits, scrape_seconds: float, clock: Clock) -> None:
        self._store = store
        self._limits = limits
        self._scrape_seconds = scrape_seconds
        self._clock = clock

    def answer(self, question: Question) -> Said:
        try:
            return self._answer(question)
        except ServiceError as error:
            return documents.failure(error, getattr(question, "query", ""))
        except MemoryError:
            return documents.failure(QueryProblem("execution", "the query takes more memory than it may"))

    def _answer(self, question: Question) -> Said:
        match question:
            case questions.Instant() | questions.Range():
                return self._query(question)
            case questions.SeriesList():
                found = self._store.series(_matchers(question.selectors), question.start, question.end)
                return _listed([dict(labels) for labels in _first(found, question.limit)], len(found))
            case questions.LabelNames():
                names = self._store.label_names(_matchers(question.selectors), question.start, question.end)
                return _listed(_first(names, question.limit), len(names))
            case questions.LabelValues():
                values = self._store.label_values(question.label, _matchers(question.selectors), question.start, question.end)
                return _listed(_first(values, question.limit), len(values))
            case _:
                return self._answer_about(question)

    def _answer_about(self, question: Question) -> Said:
        match question:
            case questions.MetadataOf():
                return documents.success(self._metadata(question))
            case questions.Exemplars():
                return documents.success(self._exemplars(question))
            case questions.Targets():
                return documents.success(self._targets(question.state))
            case questions.Formatted():
                return documents.success(printed(parse(question.query)))
            case questions.Written():
                return self._write(question.body)
            case _:
                self._store.status()
                return Said(200, b"Astrolabe's metrics server is ready.\n")

    def _query(self, question: questions.Instant | questions.Range) -> Said:
        limits = replace(self._limits, seconds=min(question.seconds, self._limits.seconds))
        engine, at = Engine(self._store, limits, self._clock), 0
        if isinstance(question, questions.Instant):
            at = question.at
            result = engine.query(question.query, at)
        else:
            result = engine.query_range(question.query, question.start, question.end, question.step)
        result = _limited(result, question.limit)
        data = data_of(result, at)
        if question.stats:
            data["stats"] = {"samples": {"totalQueryableSamples": result.samples}}
        return documents.success(data, result.warnings, result.infos)

    def _metadata(self, question: questions.MetadataOf) -> dict[str, Any]:
        """Of each family there is one description, so ``limit_per_metric`` leaves out all of them or none."""
        known = {name: one for name, one in self._store.metadata().items() if question.metric in ("", name)}
        names = _first(sorted(known), question.limit)
        return {name: [{"type": known[name].type, "help": known[name].help, "unit": known[name].unit}] for name in names}

    def _exemplars(self, question: questions.Exemplars) -> list[dict[str, Any]]:
        """By series, in the order of their labels and of time."""
        found: dict[Labels, dict[tuple[int, Labels], float]] = {}
        for matchers in selectors_in(parse(question.query)):
            for one in self._store.exemplars(matchers, question.start, question.end):
                found.setdefault(one.series, {})[one.at, one.labels] = one.value
        return [
            {
                "seriesLabels": dict(series),
                "exemplars": [
                    {"labels": dict(labels), "value": number_text(value), "timestamp": at / 1000}
                    for (at, labels), value in sorted(ones.items())
                ],
            }
            for series, ones in sorted(found.items())
        ]

    def _targets(self, state: str) -> dict[str, Any]:
        active = [] if state == "dropped" else [target_document(one, self._scrape_seconds) for one in self._store.targets()]
        return {"activeTargets": active, "droppedTargets": [], "droppedTargetCounts": {}}

    def _write(self, body: bytes) -> Said:
        """204 when all was kept; else 400, which a sender does not repeat, with the reasons."""
        try:
            series = decoded(body)
        except InvalidRequest as error:
            return Said(400, f"{error}\n".encode())
        done = self._store.append(series)
        dropped = {reason: count for reason, count in done.dropped.items() if count}
        if not dropped:
            return Said(204, b"")
        why = ", ".join(f"{count} {reason}" for reason, count in sorted(dropped.items()))
        return Said(400, f"dropped samples: {why}\n".encode())


def _matchers(selectors: Sequence[str]) -> list[tuple[Matcher, ...]]:
    return [parse_selector(text) for text in selectors]


def _first(found: Sequence[T], limit: int) -> Sequence[T]:
    return found[:limit] if limit else found


def _listed(shown: Sequence[Any], found: int) -> Said:
    return documents.success(list(shown), (TRUNCATED,) if len(shown) < found else ())


def _limited(result: QueryResult, limit: int) -> QueryResult:
    if not limit or len(result.curves) <= limit:
        return result
    return replace(result, curves=result.curves[:limit], warnings=(*result.warnings, TRUNCATED))
