"""Trouble on purpose: what it does, and that it ends."""

from __future__ import annotations

from typing import Any

import pytest

from backend.errors import DependencyFailed, InvalidRequest
from backend.resilience.faults import Fault, Faults
from tests.support.clock import ManualClock
from tests.unit.resilience.noted import Noted


def test_it_delays_fails_and_breaks_off_in_its_shares(clock: ManualClock) -> None:
    noted, chances = Noted(), iter([0.1, 0.3, 0.9])
    faults = Faults("geocoder", clock, lambda: next(chances), noted)
    faults.inject(Fault(0.25, error_ratio=0.2, disconnect_ratio=0.3), clock.monotonic() + 60)
    with pytest.raises(DependencyFailed, match=r"answered badly \(injected fault\)"):
        faults.strike(1.0)
    with pytest.raises(DependencyFailed, match=r"broke off the exchange \(injected fault\)"):
        faults.strike(1.0)
    assert faults.strike(1.0) == 0.25
    assert noted.told == [("fault_injected", "error"), ("fault_injected", "disconnect"), ("fault_injected", "latency")]


def test_it_ends_by_itself(clock: ManualClock) -> None:
    faults = Faults("geocoder", clock, lambda: 0.0, Noted())
    faults.inject(Fault(error_ratio=1.0), clock.monotonic() + 60)
    clock.advance(59)
    view = faults.view()
    assert view is not None and view.left_seconds == 1.0
    clock.advance(1)
    assert faults.view() is None
    assert faults.strike(1.0) == 0.0


def test_it_can_be_ended_before(clock: ManualClock) -> None:
    faults = Faults("geocoder", clock, lambda: 0.0, Noted())
    faults.inject(Fault(error_ratio=1.0), clock.monotonic() + 60)
    faults.inject(None)
    assert faults.view() is None
    assert faults.strike(1.0) == 0.0


def test_a_document_and_a_fault_are_one(clock: ManualClock) -> None:
    fault = Fault(2.0, 0.5, 0.25)
    assert Fault.from_document(fault.to_document()) == fault
    assert Fault.from_document({"latency_seconds": 2}) == Fault(2.0)
    assert Fault.from_document({"error_ratio": 1}) == Fault(error_ratio=1.0)
    assert Fault.from_document({"disconnect_ratio": 1, "latency_seconds": 0}) == Fault(disconnect_ratio=1.0)
    assert Fault.from_document({"latency_seconds": 60, "error_ratio": 0.5, "disconnect_ratio": 0.5}) == Fault(60.0, 0.5, 0.5)


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        ([], ["fault"]),
        ({}, ["latency_seconds"]),
        ({"latency_seconds": 0}, ["latency_seconds"]),
        ({"latency_seconds": 61, "error_ratio": -0.1}, ["latency_seconds", "error_ratio"]),
        ({"latency_seconds": "2"}, ["latency_seconds"]),
        ({"error_ratio": True}, ["error_ratio"]),
        ({"error_ratio": float("nan")}, ["error_ratio"]),
        ({"latency_seconds": 10**400}, ["latency_seconds"]),
        ({"error_ratio": 0.6, "disconnect_ratio": 0.6}, ["disconnect_ratio"]),
        ({"chaos": 1}, ["chaos"]),
    ],
)
def test_a_document_that_describes_no_fault_is_refused_by_its_field(document: Any, fields: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        Fault.from_document(document)
    assert [problem.field for problem in refusal.value.problems] == fields
