"""Every figure of a dependency's policy: what it is called, in which unit, within which bounds, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "whole", "choice", "flag"]


@dataclass(frozen=True)
class PolicyField:
    """One figure, by its dotted path in the document. ``low`` and ``high`` are inclusive."""

    path: str
    title: str
    unit: str
    kind: Kind
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    help: str = ""

    @property
    def in_unit(self) -> str:
        return f" {self.unit}" if self.unit else ""


def _number(path: str, title: str, unit: str, low: float, high: float, text: str) -> PolicyField:
    return PolicyField(path, title, unit, "number", low, high, help=text)


def _whole(path: str, title: str, unit: str, low: int, high: int, text: str) -> PolicyField:
    return PolicyField(path, title, unit, "whole", low, high, help=text)


def _choice(path: str, title: str, choices: tuple[str, ...], text: str) -> PolicyField:
    return PolicyField(path, title, "", "choice", choices=choices, help=text)


def _flag(path: str, title: str, text: str) -> PolicyField:
    return PolicyField(path, title, "", "flag", help=text)


_TIMES = (
    _number("attempt_seconds", "Time for one attempt", "s", 0.05, 60, "Each call made may take this long, or what is left of the total."),
    _number("total_seconds", "Time in all", "s", 0.05, 300, "All attempts and the waits between them together."),
)
_CIRCUIT = (
    _choice("circuit.window", "Window", ("time", "count"), "Judge the calls of the last seconds, or the last so many calls."),
    _number("circuit.window_seconds", "Window length", "s", 1, 600, "How far back calls are judged."),
    _whole("circuit.slots", "Parts of the window", "", 1, 120, "Old calls leave the window by part; more parts, smoother."),
    _whole("circuit.window_calls", "Window size", "calls", 1, 10_000, "How many calls are judged where the window counts calls."),
    _whole("circuit.minimum_calls", "Minimum calls", "calls", 1, 10_000, "Fewer calls in the window never open the circuit."),
    _number(
        "circuit.failure_ratio", "Failures that open", "", 0.01, 1, "Share of failed calls in the window from which the circuit opens."
    ),
    _number("circuit.slow_seconds", "Slow from", "s", 0.01, 60, "A call that takes this long or longer is slow."),
    _number("circuit.slow_ratio", "Slow calls that open", "", 0.01, 1, "Share of slow calls in the window from which the circuit opens."),
    _whole(
        "circuit.minimum_reporters", "Processes that must agree", "", 1, 64, "So many processes must see trouble before all are stopped."
    ),
    _number("circuit.wait_seconds", "Wait when open", "s", 0.1, 600, "How long nobody calls before a probe is made; doubled each round."),
    _number("circuit.longest_wait_seconds", "Longest wait when open", "s", 0.1, 3600, "The doubling ends here."),
    _number("circuit.jitter", "Jitter of the wait", "", 0, 1, "The wait is lengthened by up to this share, by chance."),
    _whole("circuit.probes", "Good probes that close", "", 1, 100, "So many good probes in a row close the circuit."),
    _whole("circuit.concurrent_probes", "Probes at a time", "", 1, 16, "Over all processes together."),
    _number("circuit.lease_seconds", "Longest silence of a probe", "s", 0.2, 60, "After it another process may probe."),
    _number("circuit.ramp_seconds", "Ramp after closing", "s", 0, 300, "10, 25, 50, then all calls are let through in four equal steps."),
)
_REPETITION = (
    _whole("retry.attempts", "Attempts", "", 1, 10, "The first one included; 1: never again."),
    _number("retry.base_seconds", "First wait", "s", 0, 30, "Doubled with each attempt, then drawn by chance."),
    _number("retry.longest_wait_seconds", "Longest wait", "s", 0, 300, "Also the longest Retry-After that is obeyed; more ends the call."),
    _flag("retry.after_timeouts", "Again after a timeout", "Dear: the caller has waited for the whole of it already."),
    _choice(
        "retry.jitter", "Jitter", ("full", "decorrelated"), "Full: from nothing to the wait. Decorrelated: up to three times the last one."
    ),
    _number("budget.ratio", "Retry budget", "", 0, 1, "Share of the requests that may be sent again."),
    _number("budget.floor_per_second", "Budget floor", "per s", 0, 1000, "Repetitions allowed besides, however few requests there are."),
    _number("budget.window_seconds", "Budget window", "s", 1, 120, "How long a request's share may be drawn."),
    _number("budget.timeout_cost", "Cost after a timeout", "", 1, 10, "What a repetition after a timeout draws; others draw 1."),
    _flag("hedge.enabled", "Hedge", "Ask a second time where the first answer takes unusually long."),
    _number("hedge.delay_seconds", "Hedge after", "s", 0, 60, "0: after the quantile of the durations seen."),
    _number("hedge.quantile", "Hedge quantile", "", 0.5, 0.999, "Of the durations seen."),
    _number("hedge.most_ratio", "Hedged at most", "", 0, 0.5, "Share of the calls."),
)
_BOUNDS = (
    _whole("bulkhead.limit", "Calls at a time", "", 1, 1000, "To begin with, or always where the limit does not adapt."),
    _flag("bulkhead.adaptive", "Adapt the limit", "Lower it while the dependency falls behind its own pace, raise it while it keeps up."),
    _whole("bulkhead.low", "Lowest limit", "", 1, 1000, "The limit never adapts below."),
    _whole("bulkhead.high", "Highest limit", "", 1, 1000, "The limit never adapts above."),
    _number("bulkhead.tolerance", "Tolerated slowness", "x", 1.05, 10, "How many times its own pace the dependency may take."),
    _number("bulkhead.quick_seconds", "Quick enough", "s", 0, 60, "While half of the calls take no longer, the limit is never lowered."),
    _number("bulkhead.wait_seconds", "Wait for a place", "s", 0, 5, "0: refused at once where all places are taken."),
    _number("fallback.fresh_seconds", "Fresh for", "s", 0, 3600, "A kept answer stands in for a call this long; 0: never."),
    _number("fallback.stale_seconds", "Usable for", "s", 0, 30 * 86_400, "A kept answer stands in for a failure this long, and says so."),
    _whole("fallback.entries", "Answers kept", "", 1, 100_000, "In each process; the least recently used go first."),
)
FIELDS: tuple[PolicyField, ...] = (*_TIMES, *_CIRCUIT, *_REPETITION, *_BOUNDS)
