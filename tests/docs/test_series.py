"""The page of all metrics names each one as the code defines it; the pages of settings and error codes leave none out."""

from __future__ import annotations

import re
from pathlib import Path

from backend.api.problems import KINDS
from backend.settings import Settings
from backend.telemetry.catalogue import LIBRARY, METRICS
from backend.telemetry.definitions import MOST_CHILDREN, OTHER, Metric
from backend.telemetry.profiling import LONGEST_TEXT
from backend.telemetry.repeats import EACH, WHOLE
from backend.telemetry.series import Series
from backend.telemetry.spans import MOST_SPANS
from backend.telemetry.tracing import MOST_IN_A_SECOND
from tests.support.expositions import read_exposition

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "metrics" / "series.md").read_text("utf-8")
API = (ROOT / "docs" / "api.md").read_text("utf-8")


def row(metric: Metric) -> str:
    """The metric's line on the page."""
    labels = "; ".join(f"`{name}`: {values}" for name, values in metric.labels.items()) or "none"
    return f"| `{metric.name}` | {metric.kind} | {metric.unit} | {metric.help} | {labels} |"


def test_every_metric_stands_with_kind_unit_meaning_and_labels_as_the_code_has_them() -> None:
    missing = [row(metric) for metric in METRICS.values() if row(metric) not in PAGE.splitlines()]
    assert not missing, "the page lacks these lines:\n" + "\n".join(missing)


def test_no_metric_stands_that_the_code_does_not_have() -> None:
    named = set(re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE))
    assert named == METRICS.keys() | LIBRARY.keys()


def test_what_the_library_measures_is_told_and_is_there() -> None:
    emitted = {sample.name for sample in read_exposition(Series("1").exposition())}
    assert {name for name in emitted if not name.startswith("astrolabe_")} == LIBRARY.keys()
    assert all(f"| `{name}` | {words} |" in PAGE for name, words in LIBRARY.items())


def test_the_bounds_are_those_of_the_code() -> None:
    for words in (
        f"{MOST_CHILDREN} series",
        f"`{OTHER}`",
        f"first {WHOLE} in a minute",
        f"each {EACH}th",
        f"at most {MOST_SPANS} parts",
        f"at most {MOST_IN_A_SECOND} requests a second",
        f"{LONGEST_TEXT:,} characters",
    ):
        assert words in PAGE, words


def test_the_settings_of_what_is_emitted_stand_with_their_defaults() -> None:
    for name in ("otlp_url", "profile_share", "profile_slow_seconds", "log_level"):
        default = Settings.model_fields[name].default
        shown = "unset" if default == "" else str(default)
        assert f"| `ASTROLABE_{name.upper()}` | {shown} |" in PAGE, name


def test_every_error_code_stands_in_the_api_s_page_with_its_status() -> None:
    table = dict(re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", API, re.MULTILINE))
    assert table == {code: str(kind.status) for code, kind in KINDS.items()}


def test_every_log_field_of_a_request_is_told() -> None:
    for field in ("at", "level", "event", "source", "role", "instance", "request_id", "trace_id", "actor_id", "route", "method"):
        assert f"`{field}`" in PAGE, field
    for field in ("status", "seconds", "outcome", "error_code", "degraded", "cache", "unwritten", "error_type", "error_at"):
        assert f"`{field}`" in PAGE, field
