"""What docs/metrics/store.md says of the metrics store is so."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from backend.monitoring.embedded import scrapes, writing
from backend.monitoring.embedded.records import StoreLimits
from backend.settings import Settings
from backend.telemetry.metrics_store_series import StoreFigures, readings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "metrics" / "store.md").read_text("utf-8")


def test_settings_stand_with_their_defaults() -> None:
    for name in ("metrics_scrape_seconds", "metrics_retention_days", "metrics_megabytes"):
        assert f"| `ASTROLABE_{name.upper()}` | {Settings.model_fields[name].default:g} |" in PAGE


def test_limits_stand_with_their_figures() -> None:
    limits = StoreLimits()
    for figure in (limits.series, limits.scrape_samples, limits.exemplars):
        assert f"{figure:,}" in PAGE
    for figure in (limits.labels, limits.label_name, limits.label_value):
        assert f" {figure} " in PAGE


def test_every_reason_to_drop_a_sample_is_told() -> None:
    source = inspect.getsource(writing) + inspect.getsource(scrapes)
    reasons = set(re.findall(r'(?:dropped\[|return |or |\{)"([a-z]+_[a-z_]+|duplicate)"', source)) | set(
        re.findall(r"Counter\((\w+)=", source)
    )
    assert reasons == {
        "out_of_order",
        "duplicate",
        "too_many_series",
        "label_too_long",
        "too_many_labels",
        "no_name",
        "too_far_ahead",
        "unreadable_exemplar",
    }
    assert all(f"`{reason}`" in PAGE for reason in reasons)


def test_every_metric_of_the_store_is_told() -> None:
    figures = StoreFigures(1, 1, 1, 1, 1, 1, {"duplicate": 1})
    for metric in (reading.metric for reading in readings(figures)):
        short = metric.family.removeprefix("astrolabe_metrics_store")
        assert f"`{metric.family}`" in PAGE or f"`{metric.name}" in PAGE or f"`{short}`" in PAGE, metric.name


def test_what_it_links_to_is_there() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", PAGE):
        assert (ROOT / "docs" / "metrics" / link).exists()
