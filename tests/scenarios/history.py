"""Whether what all processes wrote down, and what the store kept, can have happened by the rules.

Processes write each invocation and each return; the store's stream is the order of its moves. A check never assumes more than the two
bracket: what lies between an invocation and its return may have happened at any instant of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.scenarios.log import Event
from tests.scenarios.readings import named, peak

_LEGAL = {("closed", "open"), ("open", "half_open"), ("half_open", "open"), ("half_open", "closed")}
_STOPPING = ("isolated", "forced_open")
_LETTING = ("disabled", "metrics_only")


@dataclass(frozen=True)
class Move:
    """One line of the store's stream."""

    source: str
    target: str
    cause: str
    epoch: int


@dataclass(frozen=True)
class History:
    """``counted``: calls in the store's slots (None: it lost some of its memory); ``acts``: the acts in the audit (None: no SQL there)."""

    events: Sequence[Event]
    moves: Sequence[Move] = ()
    permitted: int = 1
    counted: int | None = None
    acts: Sequence[str] | None = None
    processes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "processes", sorted({event.process for event in self.events}))

    def of(self, process: str, *whats: str) -> list[Event]:
        return [event for event in self.events if event.process == process and event.what in whats]


def violations(history: History) -> list[str]:
    """Every broken rule in a sentence; empty when all hold."""
    return [sentence for check in CHECKS for sentence in check(history)]


def epochs_grow_by_one(history: History) -> Iterator[str]:
    for before, after in pairwise(history.moves):
        if after.epoch != before.epoch + 1:
            yield f"the stream goes from epoch {before.epoch} to {after.epoch}"
    for process in history.processes:
        for before_told, told in pairwise(history.of(process, "told")):
            if told["epoch"] < before_told["epoch"]:
                yield f"{process} was told epoch {told['epoch']} after {before_told['epoch']}"


def moves_are_legal(history: History) -> Iterator[str]:
    for move in history.moves:
        if (move.source, move.target) not in _LEGAL and not (move.cause == "reset" and move.target == "closed"):
            yield f"no rule leads from {move.source} to {move.target} ({move.cause}, epoch {move.epoch})"
    for before, after in pairwise(history.moves):
        if after.source != before.target:
            yield f"epoch {after.epoch} begins in {after.source}, though epoch {before.epoch} ended in {before.target}"


def leases_are_no_more_than_permitted(history: History) -> Iterator[str]:
    by_epoch: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for process in history.processes:
        for epoch, span in _surely_leased(history.of(process, "asked", "told")):
            by_epoch[epoch].append(span)
    for epoch, spans in by_epoch.items():
        if (highest := peak(spans)) > history.permitted:
            yield f"{highest} leases lived at once under epoch {epoch}; {history.permitted} are permitted"


def _surely_leased(exchanges: list[Event]) -> Iterator[tuple[int, tuple[float, float]]]:
    """The epoch of each lease, and the time it lived for certain: from the return that granted it to its report, its release or its end."""
    asked: dict[int, Event] = {}
    live: dict[str, tuple[int, float, float]] = {}
    for event in exchanges:
        if event.what == "asked":
            asked[event["number"]] = event
            for token in set(event["given_back"]) & set(live):
                epoch, start, end = live.pop(token)
                yield epoch, (start, min(end, event.at))
            continue
        for token in event["tokens"]:
            question = asked[event["number"]]
            epoch, start, _ = live.get(token, (event["epoch"], event.at, 0.0))
            live[token] = (epoch, start, question.at + question["lease"])
    yield from ((epoch, (start, end)) for epoch, start, end in live.values())


def refusals_are_kept(history: History) -> Iterator[str]:
    """No call is admitted after its process acknowledged that the fleet had stopped, unless with a lease or out of hearing."""
    for process in history.processes:
        events = history.of(process, "asked", "told", "unheard", "calls")
        for place, call in enumerate(events):
            if call.what == "calls":
                words = _what_may_have_held(events[:place], call["asked"])
                if words and not any(_lets_call(word, call.at) for word in words):
                    last = words[-1]
                    told = f"{last['state']} at epoch {last['epoch']}, {last['override']}"
                    yield f"{process} called at {call.at:.3f}, though it had acknowledged {told}"


def _what_may_have_held(events: list[Event], instant: float) -> list[Event]:
    """The answers that may have been in force: the last one that a later question acknowledged before the call, and all since."""
    answers = [event for event in events if event.what in ("told", "unheard")]
    acknowledged = max((event.at for event in events if event.what == "asked" and event.at <= instant), default=None)
    if acknowledged is None:
        return []
    before = [answer for answer in answers if answer.at <= acknowledged]
    return before[-1:] + [answer for answer in answers if answer.at > acknowledged] if before else []


def _lets_call(word: Event, instant: float) -> bool:
    if word.what == "unheard":
        return True
    override = _override(word, instant)
    if override in _LETTING:
        return True
    return override not in _STOPPING and (word["state"] == "closed" or bool(word["tokens"]))


def _override(word: Event, instant: float) -> str:
    over = word["override_ends"] is not None and instant >= word["override_ends"]
    return "none" if over else str(word["override"])


def overrides_leave_by_order_or_expiry(history: History) -> Iterator[str]:
    orders = {event["epoch"]: event for event in history.events if event.what == "orders" and event["slot"] == "override"}
    for process in history.processes:
        for before, after in pairwise(history.of(process, "told")):
            if before["override"] != after["override"] and not _explained(before, after, orders):
                yield f"{process} was told {after['override']} after {before['override']}, and no order or expiry explains it"


def _explained(before: Event, after: Event, orders: dict[int, Event]) -> bool:
    epoch = after["override_epoch"]
    if epoch > before["override_epoch"]:
        order = orders.get(epoch)
        return order is not None and order.at <= after.at and after["override"] in (order["body"] or "none", "none")
    order = orders.get(before["override_epoch"])
    expired = order is not None and order["left"] is not None and after.at >= order.at + order["left"]
    return after["override"] == "none" and expired


def deltas_count_exactly_once(history: History) -> Iterator[str]:
    if history.counted is None:
        return
    batches = {(event.process, event["sequence"]): event["calls"] for event in history.events if event.what == "asked"}
    heard = {(event.process, event["sequence"]) for event in history.events if event.what == "told"}
    sure = sum(calls for batch, calls in batches.items() if batch in heard)
    perhaps = sum(calls for batch, calls in batches.items() if batch not in heard)
    if not sure <= history.counted <= sure + perhaps:
        yield f"the store counts {history.counted} calls; acknowledged are {sure}, unanswered {perhaps}"


def every_order_has_one_record(history: History) -> Iterator[str]:
    if history.acts is None:
        return
    applied = [event["act"] for event in history.events if event.what == "ordered" and event["result"] == "applied"]
    for act in dict.fromkeys(applied):
        if (records := list(history.acts).count(act)) != 1:
            yield f"the act {act} has {records} audit records"


def nobody_was_surprised(history: History) -> Iterator[str]:
    for event in named(history.events, "surprised"):
        yield f"{event.process} met {event['error']}"


CHECKS: tuple[Callable[[History], Iterator[str]], ...] = (
    epochs_grow_by_one,
    moves_are_legal,
    leases_are_no_more_than_permitted,
    refusals_are_kept,
    overrides_leave_by_order_or_expiry,
    deltas_count_exactly_once,
    every_order_has_one_record,
    nobody_was_surprised,
)
