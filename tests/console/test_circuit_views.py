"""What is said of circuits, as pure functions: states, holds, histories, surroundings, policies and faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from backend.answer import Fresh
from backend.operations.circuit_view import ActiveFault, EffectivePolicy, Happenings, InstanceView, Standing
from backend.operations.order_record import OrderRecord, body_of
from backend.resilience.dependency_policy import FIELDS
from backend.resilience.orders import OverrideKind, Slot
from components.times import watch
from components.views import circuit_history as history
from components.views import circuits as view
from components.views import faults, happenings, now, policies
from tests.console import fakes
from tests.console.test_views import UP, circuit, override, summary

NOW = fakes.START
WATCH = watch("UTC", NOW)
HOLDS = [kind.value for kind in OverrideKind if kind is not OverrideKind.NONE]


def order(slot: Slot, body: str, **changed: Any) -> OrderRecord:
    made = OrderRecord("o-1", slot, "geocoder", 1, body, "Game day, OPS-7", "op-ana", "ana", NOW, None, NOW)
    return replace(made, **changed)


def move(before: str, after: str, cause: str, minutes: int = 0) -> fakes.Transition:
    return fakes.Transition(NOW - timedelta(minutes=minutes), "geocoder", before, after, cause, "api-a", 1)


@pytest.mark.parametrize("kind", HOLDS)
def test_each_hold_has_its_word_shape_and_sentence_with_who_until_when_and_why(kind: str) -> None:
    held = circuit(override=override(kind))
    assert view.state_of(held)[0] in {"held", "bypassed"}
    said = view.headline(held, WATCH)
    assert all(words in said for words in ("14:44 UTC", "ana", "Provider outage"))
    verdict = now.verdict(summary(), Fresh([held], NOW, 0.01), UP, WATCH)
    assert verdict.kind == view.state_of(held)[0]
    assert "until 14:44 UTC" in verdict.headline


@pytest.mark.parametrize(
    ("kind", "words"), [("disabled", "Every call is let out"), ("isolated", "offline index"), ("forced_open", "offline index")]
)
def test_what_a_hold_means_for_callers_is_not_said_of_the_other_kind(kind: str, words: str) -> None:
    verdict = now.verdict(summary(), Fresh([circuit(override=override(kind))], NOW, 0.01), UP, WATCH)
    assert words in verdict.detail
    assert ("offline index" in verdict.detail) is (kind != "disabled")


def test_an_end_that_the_fleet_was_not_told_yet_is_no_hold() -> None:
    assert view.state_of(circuit(override=override("none"))) == ("ok", "Closed")


def test_protection_that_is_off_stands_above_what_is_held_and_below_what_is_open() -> None:
    known = [circuit(name=word, override=override(word)) for word in ("isolated", "disabled")] + [circuit(name="open", state="open")]
    assert [one.name for one in view.worst_first(known)] == ["open", "disabled", "isolated"]


def test_a_circuit_that_recovers_says_which_share_it_lets_out() -> None:
    recovering = circuit(ramp_left_seconds=1.2)
    assert view.state_of(recovering) == ("watch", "Recovering")
    assert view.next_note(recovering, WATCH) == "lets 25\u00a0% of calls out"
    assert [view.ramp_share(circuit(ramp_left_seconds=left)) for left in (2.0, 0.9, 0.1)] == [0.1, 0.5, 1.0]


def test_a_fault_is_counted_and_marked_whatever_the_state() -> None:
    faulty = circuit(fault=order(Slot.FAULT, body_of({"latency_seconds": 2.0})))
    assert view.counts([faulty, circuit()])[-1] == ("pending", "1 with a fault injected")
    assert view.card(faulty, WATCH).has_fault
    assert not view.card(circuit(fault=order(Slot.FAULT, "", applied_at=None)), WATCH).has_fault


def test_a_breaker_of_another_service_names_it() -> None:
    assert view.card(fakes.of_another_service(fakes.FakeClock()), WATCH).since.startswith("billing · ")
    assert "·" not in view.card(circuit(), WATCH).since


def test_before_anything_was_known_the_bar_says_so() -> None:
    start, known = NOW - timedelta(hours=1), NOW - timedelta(minutes=15)
    spans = history.spans([], circuit(state="closed"), start, NOW, known)
    assert [(round(span[0], 2), round(span[1], 2), span[3]) for span in spans] == [(0.0, 0.75, "No record"), (0.75, 1.0, "Closed")]


def test_spans_cover_the_hour_without_gap_and_know_only_what_happened() -> None:
    moves = [
        move("closed", "open", "window", 20),
        move("open", "isolated", "isolated", 10),
        move("isolated", "open", "released", 5),
        move("closed", "open", "would_open", 3),
        move("closed", "open", "process_window", 2),
    ]
    spans = history.spans(moves, circuit(state="open"), NOW - timedelta(hours=1), NOW)
    assert [span[3] for span in spans] == ["Closed", "Open", "Isolated", "Open"]
    assert spans[0][0] == 0
    assert spans[-1][1] == 1
    assert all(left[1] == right[0] for left, right in pairwise(spans))
    assert history.span_words(spans, timedelta(hours=1)).replace("\u00a0", " ") == "isolated 5 min, open 15 min, closed 40 min"


def test_recorded_and_applied_are_told_apart() -> None:
    record = override()
    late = Standing(Slot.OVERRIDE, record, True, 1, 2)
    held = circuit(override=record, standings=(late,))
    assert view.agreement(held) == ("watch", "applied by 1 of 2")
    assert view.agreement(replace(held, standings=(replace(late, known=2),)))[0] == "ok"
    assert view.agreement(replace(held, instances=()))[0] == "neutral"
    assert history.order_reach(record, held) == ("watch", "1 of 2 hold it")
    assert history.order_reach(replace(record, applied_at=None), held)[1] == "recorded, not told yet"
    assert history.order_reach(replace(record, id="older"), held)[1] == "replaced since"


def test_a_process_that_stopped_by_itself_is_counted() -> None:
    instances = (InstanceView("a", "api", "open", 0.3, True), InstanceView("b", "api", "closed", 0.3, True))
    assert view.agreement(circuit(state="closed", instances=instances)) == ("watch", "1 of 2 stopped by itself")


@pytest.mark.parametrize(
    "code",
    ["window", "probe_failed", "probes_succeeded", "wait_over", "reseeded", "would_open", "reset", "released", "expired", *HOLDS],
)
def test_every_cause_has_words(code: str) -> None:
    one = move("closed", "open", code)
    assert history.cause_words(one) != code
    assert "alone" in history.cause_words(replace(one, cause=f"process_{code}"))


def test_a_story_tells_an_operators_word_once_and_with_its_reason() -> None:
    moves = [move("closed", "isolated", "isolated", 4), move("closed", "open", "window", 9)]
    act = override()
    lines = history.story(moves, [act], WATCH)
    assert [line.word for line in lines] == ["Isolated", "Open"]
    assert "Provider outage" in lines[0].why
    assert lines[0].who == "ana"
    assert [line.word for line in history.story(moves, None, WATCH)] == ["Isolated", "Open"]


@pytest.mark.parametrize(
    ("slot", "body"),
    [
        *((Slot.OVERRIDE, kind.value) for kind in OverrideKind),
        *((slot, body) for slot in (Slot.POLICY, Slot.FAULT) for body in ("", body_of({"error_ratio": 0.5}))),
        (Slot.RESET, "reset"),
    ],
)
def test_every_order_reads_as_a_sentence(slot: Slot, body: str) -> None:
    said = history.order_words(order(slot, body), WATCH)
    assert said.endswith("“Game day, OPS\\-7”")
    assert len(said.split(":")[0]) > 5


def test_what_never_happened_is_known_and_not_in_the_way() -> None:
    known = Happenings(30, retried=12, refused={"circuit_open": 7, "odd": 1})
    assert happenings.sums(known) == [("Retries", "12"), ("Refused: the circuit was open", "7"), ("Refused: odd", "1")]
    assert "hedged calls" in happenings.never(known)
    assert happenings.brief(Happenings(30, retried=12, fell_back={"stale cache": 1200})) == "12 retried · 1,200 answered otherwise"
    assert happenings.brief(Happenings(30)) == "no retry, no other source"
    assert "not told" in happenings.brief(None)


def test_sources_are_listed_by_their_share() -> None:
    known = circuit(answered={"primary": 0.2, "stale cache": 0.8}, happenings=Happenings(30, fell_back={"stale cache": 40}))
    assert happenings.sources(known) == [("stale cache", 0.8, 40), ("primary", 0.2, None)]
    assert happenings.sources(circuit(answered=None, happenings=None)) == []


def changed(**figures: Any) -> dict[str, Any]:
    return policies.build({**policies.flat(fakes.SETTINGS), **{path.replace("__", "."): figure for path, figure in figures.items()}})


def test_a_form_without_a_change_is_the_policy_itself_and_sound() -> None:
    assert policies.build(policies.flat(fakes.SETTINGS)) == fakes.SETTINGS
    assert policies.problems(policies.flat(fakes.SETTINGS)) == {}
    assert [field for fields in policies.grouped(fakes.SETTINGS).values() for field in fields] != []
    assert sum(map(len, policies.grouped(fakes.SETTINGS).values())) == len(FIELDS)


@pytest.mark.parametrize(
    ("path", "figure"), [("circuit.failure_ratio", 1.5), ("attempt_seconds", 200.0), ("retry.attempts", 0), ("circuit.probes", None)]
)
def test_a_wrong_figure_is_named_by_its_field(path: str, figure: Any) -> None:
    assert list(policies.problems({**policies.flat(fakes.SETTINGS), path: figure})) == [path]


def test_differences_are_shown_with_their_units_and_only_where_both_are_known() -> None:
    rows = policies.differences(fakes.SETTINGS, changed(circuit__wait_seconds=7.0))
    assert [(row["Figure"].split(":")[0], row["Then"]) for row in rows] == [("Circuit", "**7\u00a0s**")]
    assert policies.differences(fakes.SETTINGS, None) == []
    assert policies.differences({"circuit": fakes.SETTINGS["circuit"]}, fakes.SETTINGS) == []


def test_a_policy_says_whose_it_is() -> None:
    ours = EffectivePolicy(changed(circuit__probes=2), "operator", 3, "ana", "Slow provider, OPS-9", NOW, fakes.SETTINGS)
    assert policies.source(ours, WATCH) == "By ana since 14:21 UTC: “Slow provider, OPS\\-9”. Differs from the settings in 1."
    assert "settings" in policies.source(EffectivePolicy(fakes.SETTINGS, "settings"), WATCH)
    assert "not known" in policies.source(EffectivePolicy(None, "service"), WATCH)


def test_a_revert_goes_to_the_order_before_or_to_the_settings() -> None:
    first, second = (order(Slot.POLICY, body_of(changed(circuit__probes=count)), epoch=count) for count in (2, 4))
    present = EffectivePolicy(second.document, "operator", settings=fakes.SETTINGS)
    assert policies.reverts_to([second, override(), first], present) == first.document
    assert policies.reverts_to([second], present) == fakes.SETTINGS


def test_a_fault_in_words() -> None:
    assert faults.words({"latency_seconds": 2.0, "error_ratio": 0.5, "disconnect_ratio": 0.1}).replace("\u00a0", " ") == (
        "each call 2 s later, 50 % of calls fail, 10 % are cut off"
    )


def test_the_banner_escapes_what_comes_from_outside() -> None:
    fault = ActiveFault("geo", fakes.HOSTILE, {"error_ratio": 0.5}, NOW + timedelta(minutes=12), fakes.HOSTILE, fakes.HOSTILE, NOW)
    said = faults.sentence(fault, WATCH)
    assert "](" not in said
    assert "until 14:33 UTC, 12\u00a0min left" in said


def test_a_fault_past_its_time_is_not_wondered_about() -> None:
    over, open_ended = (ActiveFault("geo", "Geocoder", {}, ends) for ends in (NOW, None))
    assert faults.still_possible([over, open_ended], NOW) == [open_ended]
