"""What a breaker owes the fleet, between exchanges."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.resilience.circuit_state import State
from backend.resilience.membership import Membership
from backend.resilience.orders import Order, Slot
from backend.resilience.outcome import Outcome
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Happening, Question, Reply, SharedCircuit
from tests.support.clock import START

POLICY = Policy(lease_seconds=2.0, wait_seconds=5.0)
HALF_OPEN = SharedCircuit(State.HALF_OPEN, 2)


@pytest.fixture
def chances() -> list[float]:
    """The next results of chance, 0.5 when there are no more."""
    return []


@pytest.fixture
def member(chances: list[float]) -> Membership:
    return Membership("geocoder", POLICY, lambda: chances.pop(0) if chances else 0.5)


def ask(member: Membership, now: float) -> Question:
    return member.question(member.take_batch(now, ()), State.CLOSED, now)


def adopt(member: Membership, reply: Reply, now: float) -> None:
    member.adopt(reply, now, now, START)


def test_a_permit_makes_one_probe_and_its_report_is_told_once(member: Membership) -> None:
    adopt(member, Reply(HALF_OPEN, tokens=("t",)), 10.0)
    permit = member.take_permit(10.1)
    assert permit is not None
    assert member.take_permit(10.2) is None
    assert ask(member, 10.2).held == ("t",)
    member.finish_probe(permit, Outcome.OK)
    batch = member.take_batch(10.3, ())
    assert [(report.token, report.epoch, report.ok) for report in batch.reports] == [("t", 2, True)]
    assert member.take_batch(10.4, ()).reports == ()


def test_a_probe_that_says_nothing_gives_its_leave_back(member: Membership) -> None:
    adopt(member, Reply(HALF_OPEN, tokens=("t",)), 10.0)
    member.finish_probe(member.take_permit(10.1), Outcome.IGNORED)
    assert member.take_permit(10.2) is not None


def test_a_permit_ends_here_before_it_ends_there(member: Membership) -> None:
    member.adopt(Reply(HALF_OPEN, tokens=("t",)), 10.0, 10.4, START)  # the answer took 0.4 s
    assert member.take_permit(11.99) is not None
    member.adopt(Reply(HALF_OPEN, tokens=("u",)), 20.0, 20.4, START)
    assert member.take_permit(22.0) is None


def test_a_probe_that_ends_while_the_answer_is_on_its_way_is_over(member: Membership) -> None:
    adopt(member, Reply(HALF_OPEN, tokens=("t",)), 10.0)
    permit = member.take_permit(10.1)
    ask(member, 10.2)
    member.finish_probe(permit, Outcome.OK)
    adopt(member, Reply(HALF_OPEN, tokens=("t",)), 10.3)  # the answer to the question before
    assert member.take_permit(10.4) is None


def test_a_probe_under_way_is_vouched_for_half_a_minute(member: Membership) -> None:
    adopt(member, Reply(HALF_OPEN, tokens=("t",)), 10.0)
    member.take_permit(10.0)
    adopt(member, Reply(HALF_OPEN, tokens=("t",)), 40.0)
    assert ask(member, 40.0).held == ("t",)
    adopt(member, Reply(HALF_OPEN, tokens=("t",)), 40.1)
    assert ask(member, 40.1).held == ()


def test_who_may_probe_asks_for_no_more_and_who_waits_for_others_is_silent(member: Membership) -> None:
    adopt(member, Reply(HALF_OPEN), 10.0)
    assert not ask(member, 10.0).wants_probe  # nobody calls
    member.demand(10.0)
    assert ask(member, 10.1).wants_probe
    adopt(member, Reply(HALF_OPEN, tokens=("t",)), 10.2)
    assert not ask(member, 10.3).wants_probe
    adopt(member, Reply(HALF_OPEN, quiet_seconds=1.5), 10.4)
    assert not ask(member, 11.8).wants_probe
    assert ask(member, 11.9).wants_probe
    assert not ask(member, 15.1).wants_probe  # nobody has called for 5 s


def test_each_asks_for_the_first_probe_at_a_moment_of_its_own(member: Membership, chances: list[float]) -> None:
    chances.append(0.25)
    adopt(member, Reply(SharedCircuit(State.OPEN, 1, 5.0)), 10.0)
    member.demand(14.9)
    assert not ask(member, 15.02).wants_probe
    assert ask(member, 15.03).wants_probe


def test_an_idle_permit_goes_back_and_is_not_asked_for_again_without_a_call(member: Membership) -> None:
    adopt(member, Reply(HALF_OPEN, tokens=("t",)), 10.0)
    member.demand(10.5)
    question = ask(member, 11.1)
    assert (question.held, question.released, question.wants_probe) == ((), ("t",), False)
    adopt(member, Reply(HALF_OPEN), 11.1)
    assert not ask(member, 11.2).wants_probe
    member.demand(11.3)
    assert ask(member, 11.3).wants_probe


def test_nobody_heard_one_of_those_last_known_probes_by_chance_once_a_wait(member: Membership, chances: list[float]) -> None:
    adopt(member, Reply(SharedCircuit(State.OPEN, 1), live_instances=4), 10.0)
    adopt(member, Reply(SharedCircuit(State.OPEN, 1)), 10.1)  # not counted this time
    member.lost()
    chances += [0.25, 0.0]
    assert not member.may_probe_alone(11.0)
    assert not member.may_probe_alone(15.9)
    assert member.may_probe_alone(16.0)


def test_who_never_heard_anybody_probes_by_itself(member: Membership) -> None:
    assert member.may_probe_alone(11.0)


def test_happenings_are_summed_and_bounded(member: Membership) -> None:
    for number in range(200):
        member.note("fell_back", f"source-{number}")
    member.note("fell_back", "source-1", 4)
    told = member.take_batch(1.0, ()).happenings
    assert len(told) <= 65
    assert sum(one.count for one in told) == 204
    assert Happening("fell_back", "source-1", 5) in told
    member.note("retried", "")
    assert member.take_batch(1.9, ()).happenings == ()
    assert member.take_batch(1.9, (), last=True).happenings == (Happening("retried", "", 1),)


def test_only_what_is_new_counts_as_news(member: Membership) -> None:
    order = Order("isolated", 3, "a", 60.0)
    assert member.adopt(Reply(SharedCircuit(), {Slot.OVERRIDE: order}), 1.0, 1.0, START).news == {Slot.OVERRIDE: order}
    older, same = Order("none", 2, "z"), Order("isolated", 3, "a", 59.0)
    for reply in (older, same):
        assert member.adopt(Reply(SharedCircuit(), {Slot.OVERRIDE: reply}), 2.0, 2.0, START).news == {}
    assert member.view.override_kind(60.9) == "isolated"
    assert member.view.override_kind(61.0) == "none"


def test_an_override_of_a_later_version_is_none(member: Membership) -> None:
    adopt(member, Reply(SharedCircuit(), {Slot.OVERRIDE: Order("throttled", 1, "a")}), 1.0)
    assert member.view.override_kind(1.0) == "none"
    assert member.view.epoch_of(Slot.OVERRIDE) == 1


def resets() -> Iterator[tuple[Reply, bool]]:
    yield Reply(SharedCircuit(State.CLOSED, 3), {Slot.RESET: Order("reset", 1, "r")}), True
    yield Reply(SharedCircuit(State.OPEN, 3, 5.0)), True
    yield Reply(SharedCircuit(State.CLOSED, 3)), False


@pytest.mark.parametrize(("reply", "afresh"), list(resets()))
def test_a_reset_or_a_circuit_that_governs_begins_the_own_one_afresh(member: Membership, reply: Reply, afresh: bool) -> None:
    adopt(member, Reply(SharedCircuit(State.CLOSED, 2)), 1.0)
    assert member.adopt(reply, 2.0, 2.0, START).afresh is afresh


def test_what_it_remembers_grows_older_while_nobody_is_heard(member: Membership) -> None:
    adopt(member, Reply(SharedCircuit(State.OPEN, 4, 5.0, 1, 2.0), {Slot.FAULT: Order("{}", 1, "f", 9.0, 1.0)}), 10.0)
    member.lost()
    question = ask(member, 13.0)
    assert (question.known.left_seconds, question.known.age_seconds) == (2.0, 5.0)
    assert question.orders == {Slot.FAULT: Order("{}", 1, "f", 6.0, 4.0)}


def test_a_forks_child_owes_nothing(member: Membership) -> None:
    adopt(member, Reply(HALF_OPEN, tokens=("t",)), 10.0)
    member.finish_probe(member.take_permit(10.1), Outcome.OK)
    member.note("retried", "")
    member.disown()
    batch = member.take_batch(12.0, (), last=True)
    assert (batch.reports, batch.moves, batch.happenings) == ((), (), ())
    assert ask(member, 12.0).held == ()
