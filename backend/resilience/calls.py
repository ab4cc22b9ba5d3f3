"""The ways to call through a breaker: ``call``, ``acall``, as a decorator, and around a block; sync and async alike."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from backend.resilience.admission import Admission
from backend.resilience.gatekeeper import Gatekeeper
from backend.resilience.outcome import USUAL, Classifier, Outcome, always_ok, outcome_of

P = ParamSpec("P")
R = TypeVar("R")

LOG = logging.getLogger(__name__)


class Calls:
    """Calls through one breaker, judged by one classifier. No lock is held during a call.

    Each way raises CircuitOpen or CircuitIsolated at once, without calling, when the circuit says no.
    """

    __slots__ = ("_gatekeeper", "_of_error", "_of_result")

    def __init__(self, gatekeeper: Gatekeeper, classifier: Classifier = USUAL) -> None:
        self._gatekeeper = gatekeeper
        self._of_error = classifier.of_error
        self._of_result = None if classifier.of_result is always_ok else classifier.of_result

    def call(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call it with these arguments."""
        gatekeeper = self._gatekeeper
        began = gatekeeper.monotonic()
        admission = gatekeeper.gate or gatekeeper.admit(began)
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            self._raised(admission, began, error)
            raise
        if self._of_result is None:
            gatekeeper.succeeded(admission, began)
        else:
            gatekeeper.finished(admission, began, self._of_answer(result))
        return result

    async def acall(self, function: Callable[P, Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call it with these arguments and await its result."""
        gatekeeper = self._gatekeeper
        began = gatekeeper.monotonic()
        admission = gatekeeper.gate or gatekeeper.admit(began)
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            self._raised(admission, began, error)
            raise
        if self._of_result is None:
            gatekeeper.succeeded(admission, began)
        else:
            gatekeeper.finished(admission, began, self._of_answer(result))
        return result

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """As a decorator: the same function or method, sync or async, called through the breaker."""
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("a generator does its work after the call: use guard() around the loop that reads it")
        if inspect.iscoroutinefunction(function):
            return cast(Callable[P, R], self._guarded_async(function))
        return self._guarded(function)

    def guard(self) -> Guard:
        """Around a block, ``with`` or ``async with``; what the block raises is judged and raised on."""
        return Guard(self)

    def _guarded(self, function: Callable[P, R]) -> Callable[P, R]:
        gatekeeper, monotonic, raised, of_result = self._gatekeeper, self._gatekeeper.monotonic, self._raised, self._of_result

        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:  # ``call`` once more, as one call less is a fifth of what it costs
            began = monotonic()
            admission = gatekeeper.gate or gatekeeper.admit(began)
            try:
                result = function(*args, **kwargs)
            except BaseException as error:
                raised(admission, began, error)
                raise
            if of_result is None:
                gatekeeper.succeeded(admission, began)
            else:
                gatekeeper.finished(admission, began, self._of_answer(result))
            return result

        return guarded

    def _guarded_async(self, function: Callable[P, Awaitable[Any]]) -> Callable[P, Awaitable[Any]]:
        gatekeeper, monotonic, raised, of_result = self._gatekeeper, self._gatekeeper.monotonic, self._raised, self._of_result

        @functools.wraps(function)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            began = monotonic()
            admission = gatekeeper.gate or gatekeeper.admit(began)
            try:
                result = await function(*args, **kwargs)
            except BaseException as error:
                raised(admission, began, error)
                raise
            if of_result is None:
                gatekeeper.succeeded(admission, began)
            else:
                gatekeeper.finished(admission, began, self._of_answer(result))
            return result

        return guarded

    # -- how it ended -----------------------------------------------------------------------------------------------

    def _raised(self, admission: Admission, began: float, error: BaseException) -> None:
        if isinstance(error, GeneratorExit):  # perhaps from the garbage collector, in a thread that holds the lock
            self._gatekeeper.abandoned.append(admission)
        else:
            outcome = self._of_failure(error) if isinstance(error, Exception) else Outcome.IGNORED
            self._gatekeeper.finished(admission, began, outcome)

    def _of_failure(self, error: Exception) -> Outcome:
        try:
            return self._of_error(error)
        except Exception:
            LOG.exception("the classifier of circuit %s failed; the usual one judges", self._gatekeeper.name)
            return outcome_of(error)

    def _of_answer(self, result: Any) -> Outcome:
        try:
            return Outcome.OK if self._of_result is None else self._of_result(result)
        except Exception:
            LOG.exception("the classifier of circuit %s failed; the result counts as good", self._gatekeeper.name)
            return Outcome.OK


class Guard:
    """One block under a breaker, for one use. A guard that is dropped inside its block counts as a call that says nothing."""

    __slots__ = ("_admission", "_began", "_calls", "_reported")

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._admission: Admission | None = None
        self._began = 0.0
        self._reported: Outcome | None = None

    def report(self, outcome: Outcome) -> None:
        """How the block went, where it does not raise; the last report counts."""
        self._reported = outcome

    def __enter__(self) -> Guard:
        gatekeeper = self._calls._gatekeeper
        self._began = gatekeeper.monotonic()
        self._admission = gatekeeper.gate or gatekeeper.admit(self._began)
        return self

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None) -> None:
        admission, self._admission = self._admission, None
        if admission is None:
            return
        if error is not None:
            self._calls._raised(admission, self._began, error)
        elif self._reported is None:
            self._calls._gatekeeper.succeeded(admission, self._began)
        else:
            self._calls._gatekeeper.finished(admission, self._began, self._reported)

    async def __aenter__(self) -> Guard:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.__exit__(kind, error, trace)

    def __del__(self) -> None:
        if self._admission is not None:
            self._calls._gatekeeper.abandoned.append(self._admission)
