"""The checker finds each violation that is planted, and none where there is none."""

from __future__ import annotations

import pytest

from tests.scenarios.history import CHECKS, History, Move, violations
from tests.scenarios.log import Event


def asked(at: float, number: int, process: str = "p-0", **facts: object) -> Event:
    defaults: dict[str, object] = {"sequence": number, "given_back": [], "calls": 0, "lease": 2.0}
    return Event(process, "asked", at, defaults | {"number": number} | facts)


def told(at: float, number: int, state: str = "closed", epoch: int = 0, process: str = "p-0", **facts: object) -> Event:
    defaults: dict[str, object] = {"sequence": number, "tokens": [], "override": "none", "override_epoch": 0, "override_ends": None}
    return Event(process, "told", at, defaults | {"number": number, "state": state, "epoch": epoch} | facts)


def called(at: float, process: str = "p-0") -> Event:
    return Event(process, "calls", at, {"asked": at})


def order(at: float, epoch: int, body: str, left: float | None = None, what: str = "orders", **facts: object) -> Event:
    return Event("console", what, at, {"slot": "override", "epoch": epoch, "act": f"act-{epoch}", "body": body, "left": left} | facts)


ROUND = (Move("closed", "open", "window", 1), Move("open", "half_open", "wait_over", 2), Move("half_open", "closed", "probes_succeeded", 3))
GOOD = History(
    [
        asked(1.0, 1),
        told(1.01, 1),
        called(1.05),
        asked(1.1, 2, calls=1),
        told(1.11, 2, "open", 1),
        called(1.105),  # on its way while the word came
        asked(1.2, 3, calls=1),
        told(1.21, 3, "half_open", 2, tokens=["a"]),
        called(1.25),  # the probe
        asked(1.3, 4, given_back=["a"]),
        told(1.31, 4, "closed", 3),
        asked(1.35, 1, "p-1"),
        told(1.36, 1, "half_open", 2, "p-1", tokens=["b"]),
        order(1.4, 1, "isolated", 1.0),
        order(1.41, 1, "isolated", 1.0, "ordered", result="applied"),
        asked(1.5, 5),
        told(1.51, 5, "closed", 3, override="isolated", override_epoch=1, override_ends=2.5),
        asked(1.6, 6),
        called(2.55),  # the override expired
        told(2.61, 6, "closed", 3, override_epoch=1),
        asked(2.7, 7),
        Event("p-0", "unheard", 2.95, {"number": 7, "sequence": 7}),
        called(3.0),
    ],
    ROUND,
    counted=2,
    acts=["act-1"],
)

PLANTED = {
    "an epoch is skipped": (History([], [ROUND[0], Move("open", "half_open", "wait_over", 3)]), "from epoch 1 to 3"),
    "an epoch is used twice": (History([], [ROUND[0], Move("open", "half_open", "wait_over", 1)]), "from epoch 1 to 1"),
    "a process hears an older epoch": (History([told(1, 1, epoch=4), told(2, 2, epoch=3)]), "epoch 3 after 4"),
    "closed to half-open": (History([], [Move("closed", "half_open", "wait_over", 1)]), "no rule leads from closed to half_open"),
    "open to closed without a probe": (History([], [ROUND[0], Move("open", "closed", "window", 2)]), "no rule leads from open to closed"),
    "a move from elsewhere": (History([], [ROUND[0], Move("half_open", "closed", "probes_succeeded", 2)]), "begins in half_open"),
    "two leases at once": (
        History(
            [
                asked(1, 1),
                told(1.1, 1, "half_open", 2, tokens=["a"]),
                asked(1.2, 1, "p-1"),
                told(1.3, 1, "half_open", 2, "p-1", tokens=["b"]),
            ]
        ),
        "2 leases lived at once under epoch 2",
    ),
    "a lease given away before its end": (
        History(
            [
                asked(1, 1),
                told(1.1, 1, "half_open", 2, tokens=["a"]),
                asked(2.9, 1, "p-1"),
                told(2.95, 1, "half_open", 2, "p-1", tokens=["b"]),
            ]
        ),
        "2 leases lived at once",
    ),
    "a call after an open circuit was acknowledged": (
        History([asked(1, 1), told(1.1, 1, "open", 1), asked(1.2, 2), told(1.25, 2, "open", 1), called(1.3)]),
        "had acknowledged open at epoch 1",
    ),
    "a call in half-open without a lease": (
        History([asked(1, 1), told(1.1, 1, "half_open", 2), asked(1.2, 2), called(1.3)]),
        "had acknowledged half_open at epoch 2",
    ),
    "a call while isolated": (
        History([asked(1, 1), told(1.1, 1, override="isolated", override_epoch=1), asked(1.2, 2), called(1.3)]),
        "closed at epoch 0, isolated",
    ),
    "an override that vanished": (
        History(
            [order(0.5, 1, "isolated"), told(1, 1, override="isolated", override_epoch=1), told(2, 2, override="none", override_epoch=1)]
        ),
        "told none after isolated",
    ),
    "an override before its time is over": (
        History([order(0.5, 1, "disabled", 60.0), told(1, 1, override="disabled", override_epoch=1), told(2, 2, override_epoch=1)]),
        "told none after disabled",
    ),
    "an override that nobody ordered": (
        History([told(1, 1), told(2, 2, override="forced_open", override_epoch=1)]),
        "told forced_open after none",
    ),
    "a batch counted twice": (History([asked(1, 1, calls=5), told(1.1, 1)], counted=10), "counts 10 calls; acknowledged are 5"),
    "a batch lost": (History([asked(1, 1, calls=5), told(1.1, 1)], counted=4), "counts 4 calls; acknowledged are 5"),
    "a batch told twice under one number is one batch": (
        History([asked(1, 1, calls=5), asked(2, 2, sequence=1, calls=5), told(2.1, 2, sequence=1)], counted=10),
        "acknowledged are 5, unanswered 0",
    ),
    "an order without a record": (
        History([order(1, 1, "isolated", what="ordered", result="applied")], acts=[]),
        "act-1 has 0 audit records",
    ),
    "an order recorded twice": (
        History([order(1, 1, "isolated", what="ordered", result="applied")], acts=["act-1", "act-1"]),
        "act-1 has 2 audit records",
    ),
    "an exception reached a caller": (History([Event("p-0", "surprised", 1, {"error": "KeyError()"})]), "p-0 met KeyError()"),
}


def test_a_good_history_breaks_no_rule() -> None:
    assert violations(GOOD) == []


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_violation_is_found_once_and_named(planted: str) -> None:
    history, sentence = PLANTED[planted]
    found = violations(history)
    assert len(found) == 1
    assert sentence in found[0]


def test_every_check_has_a_violation_planted_for_it() -> None:
    finding = {check for check in CHECKS for history, _ in PLANTED.values() if list(check(history))}
    assert finding == set(CHECKS)


def test_a_longer_permission_allows_more_leases() -> None:
    events = PLANTED["two leases at once"][0].events
    assert violations(History(events, permitted=2)) == []


def test_a_reset_may_close_any_circuit() -> None:
    assert violations(History([], [ROUND[0], Move("open", "closed", "reset", 2)])) == []
