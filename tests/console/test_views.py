"""What pages say, as pure functions: verdicts, tiles, times, spans, requests and tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.answer import Empty, Failed, Fresh, Stale
from backend.monitoring.records import Summary
from backend.operations.health import StoreHealth
from backend.operations.order_record import OrderRecord
from backend.resilience.orders import Slot
from components import colours, pictures, times
from components.times import watch
from components.views import accounts as account_view
from components.views import audit as audit_view
from components.views import health as health_view
from components.views import now, tiles
from components.views.acts import act_sentence
from tests.console import fakes

NOW = fakes.START
WATCH = watch("UTC", NOW)
UP = [StoreHealth("sql", "Database", True, 0.001, "answers", "", True)]


def summary(**changed: Any) -> Fresh[Summary]:
    series = dict.fromkeys(("requests_per_second", "error_ratio", "p95_seconds", "degraded_ratio"), (1.0,) * 30)
    return Fresh(replace(Summary(NOW, 2, 41.2, 0.001, 0.05, 0.0, series, 3.0), **changed), NOW, 0.01)


def circuit(**changed: Any) -> Any:
    handle = fakes.services()
    return replace(handle.circuits.view(), **changed)


def override(kind: str = "isolated") -> OrderRecord:
    ends = NOW + timedelta(minutes=23)
    return OrderRecord("o", Slot.OVERRIDE, "geocoder", 5, kind, "Provider outage, OPS-1", "op-ana", "ana", NOW, ends, NOW)


def said(circuits: Any, figures: Any = None, stores: Any = UP) -> now.Verdict:
    return now.verdict(figures or summary(), circuits, stores, WATCH)


def test_all_good_says_so_with_evidence() -> None:
    verdict = said(Fresh([circuit()], NOW, 0.01))
    assert verdict.kind == "ok"
    assert "1 of 1 breakers closed" in verdict.headline
    assert "14:21:05 UTC" in verdict.detail


def test_an_open_breaker_degrades_with_since_and_share() -> None:
    verdict = said(Fresh([circuit(state="open")], NOW, 0.01), summary(degraded_ratio=0.31))
    assert verdict.kind == "watch"
    assert "Degraded since 14:02 UTC (19\u00a0min)" in verdict.headline
    assert "31\u00a0%" in verdict.detail


def test_a_hold_names_who_until_when_and_why() -> None:
    verdict = said(Fresh([circuit(override=override())], NOW, 0.01))
    assert verdict.kind == "held"
    assert "ana" in verdict.headline
    assert "until 14:44 UTC" in verdict.headline
    assert "Provider outage" in verdict.detail


def test_a_released_override_is_no_hold() -> None:
    assert said(Fresh([circuit(override=override("none"))], NOW, 0.01)).kind == "ok"


@pytest.mark.parametrize(
    ("circuits", "figures"),
    [
        (Failed("valkey", "it does not answer", NOW), None),
        (Stale([circuit()], NOW - timedelta(minutes=2), "it does not answer"), None),
        (Fresh([circuit()], NOW, 0.1), Failed("sql", "it does not answer", NOW)),
        (Fresh([circuit()], NOW, 0.1), Stale(summary().value, NOW - timedelta(minutes=2), "nobody read them")),
    ],
)
def test_what_is_not_known_is_never_called_good(circuits: Any, figures: Any) -> None:
    assert said(circuits, figures).kind == "watch"


def test_an_essential_store_away_is_bad_and_says_what_is_hidden() -> None:
    away = [StoreHealth("sql", "Database", False, None, "no answer within 1 s", "Nobody can sign in.", True)]
    verdict = said(Fresh([circuit()], NOW, 0.01), stores=away)
    assert (verdict.kind, verdict.headline) == ("bad", "Database does not answer.")
    assert "Nobody can sign in" in verdict.detail


def test_a_dependency_behind_a_breaker_is_told_of_by_its_breaker() -> None:
    away = [StoreHealth("geocoder", "Geocoder", False, None, "isolated", "Places come from the index.")]
    assert said(Fresh([circuit(override=override())], NOW, 0.01), stores=away).kind == "held"


def test_no_api_process_is_bad_and_too_many_errors_are_worth_a_look() -> None:
    assert said(Fresh([], NOW, 0.01), summary(api_processes=0)).kind == "bad"
    assert said(Fresh([], NOW, 0.01), summary(error_ratio=0.02)).kind == "watch"


def test_without_a_geocoder_and_without_traffic_the_product_is_ready() -> None:
    assert said(Empty(NOW), Empty(NOW)).kind == "ok"


@pytest.mark.parametrize(
    "figures",
    [summary(), Empty(NOW), Failed("sql", "away", NOW), Stale(summary().value, NOW, "old"), summary(p95_seconds=None, degraded_ratio=None)],
)
@pytest.mark.parametrize(
    "circuits", [Fresh([circuit()], NOW, 0.1), Empty(NOW), Failed("valkey", "away", NOW), Stale([circuit()], NOW, "old")]
)
def test_there_are_always_the_same_six_tiles(figures: Any, circuits: Any) -> None:
    drawn = tiles.tiles(figures, circuits)
    assert [tile.label for tile in drawn] == ["Requests", "Errors", "p95", "Degraded charts", "Breakers not closed", "API processes"]
    assert all(len(tile.values) == 30 for tile in drawn)
    if not isinstance(figures, Fresh):
        assert {tile.kind for tile in drawn[:4]} == {"neutral"}


def test_twice_the_limit_is_bad_and_over_it_is_worth_a_look() -> None:
    kinds = [tiles.tiles(summary(error_ratio=ratio), Empty(NOW))[1].kind for ratio in (0.01, 0.015, 0.03)]
    assert kinds == ["ok", "watch", "bad"]


def test_changes_are_sorted_bounded_and_say_nothing_twice() -> None:
    handle = fakes.services()
    moves = handle.circuits.transitions(None, None)
    held = fakes.Transition(NOW, "geocoder", "closed", "isolated", "isolated", "", 5)
    own = fakes.Transition(NOW, "geocoder", "closed", "open", "process_window", "api-a", 5)
    changes = now.changes(Fresh([held, own, *moves.value], NOW, 0.1), handle.audit.records)
    assert changes == sorted(changes, key=lambda change: change.at, reverse=True)
    assert len(changes) == 8
    assert sum("isolated" in change.text for change in changes) == 1
    assert not any("this process alone" in change.text for change in changes)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (16860, "4 h 41 min"), (529200, "6 d 3 h"), (-5, "0 s")],
)
def test_spans_of_time_read_like_speech(seconds: int, words: str) -> None:
    assert times.span(timedelta(seconds=seconds)).replace("\u00a0", " ") == words


@given(
    st.integers(946_684_800, 3_786_825_600),
    st.sampled_from(["UTC", "Europe/Lisbon", "Asia/Kolkata", "America/St_Johns", "nonsense/zone"]),
)
def test_a_time_always_carries_its_zone(at: int, zone: str) -> None:
    shown = watch(zone, NOW).exact(datetime.fromtimestamp(at, UTC))
    assert shown.split()[-1] in {"UTC", "WET", "WEST", "IST", "NST", "NDT"} or shown.split()[-1].startswith("UTC")


def test_a_zone_without_letters_is_shown_as_its_offset() -> None:
    assert watch("Asia/Kathmandu", NOW).name == "UTC+05:45"


@pytest.mark.parametrize(("ratio", "words"), [(0, "0 %"), (0.0042, "0.42 %"), (0.05, "5 %"), (0.017, "1.7 %"), (0.31, "31 %"), (None, "–")])
def test_ratios(ratio: float | None, words: str) -> None:
    assert times.percent(ratio).replace("\u00a0", " ") == words


def test_a_record_says_who_did_what_and_keeps_its_reason_apart() -> None:
    record = fakes.services().audit.records[0]
    assert act_sentence(record, with_reason=False) == "admin isolated geocoder"
    assert audit_view.sentence(record) == "admin isolated geocoder"
    assert audit_view.differences(record.before, record.after)[0] == {"Field": "state", "Before": "none", "After": "isolated"}
    assert audit_view.outcome(record) == "⊘ done"


def test_of_a_changed_policy_the_record_shows_what_changed_alone() -> None:
    before, after = ({"kind": "policy", "policy": {"circuit": {"probes": probes, "slots": 30}}} for probes in (3, 5))
    assert [row["Field"] for row in audit_view.differences(before, after)] == ["kind", "policy\\.circuit\\.probes"]


def test_empty_filters_ask_for_nothing() -> None:
    criteria = audit_view.criteria("day", " ", None, "", now=NOW)
    assert criteria.since == NOW - timedelta(days=1)
    assert (criteria.actor, criteria.act, criteria.text) == (None, None, None)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142 Safari/537 Edg/142", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        (None, "not told"),
        ("curl/8 <b>", "curl/8 \\<b\\>"),
    ],
)
def test_a_browser_is_called_by_its_name(agent: str | None, words: str) -> None:
    assert account_view.agent_words(agent) == words


def test_health_counts_the_answers_and_names_the_absent() -> None:
    assert health_view.verdict(UP, "14:21:05 UTC")[0] == "ok"
    kind, headline, _ = health_view.verdict([*UP, StoreHealth("valkey", "Valkey", False, None, "", "")], "14:21:05 UTC")
    assert (kind, headline) == ("watch", "Valkey does not answer.")


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), min_size=1, max_size=40), st.one_of(st.none(), st.floats(0.001, 10)))
def test_a_sparkline_is_drawn_whatever_its_values(values: list[float | None], limit: float | None) -> None:
    drawn = pictures.spark(values, colours.LIGHT, limit=limit)
    assert drawn.startswith("<svg")
    assert "nan" not in drawn
    assert "inf" not in drawn


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), max_size=40))
def test_a_window_is_drawn_whatever_its_calls(bars: list[tuple[int, int]]) -> None:
    assert pictures.window_strip(bars, colours.DARK).count("<rect") >= 1
