"""The pages that read metrics, logs and requests, each with something to show, as operators have them open."""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from backend.accounts.keys import console_token
from benchmarks.screens.load import Load, Report
from tests.support.product import Product

ASKED = urlencode({"a": "sum by (route) (rate(astrolabe_http_requests_total[1m]))"})
SCRAPES = 3  # 15 s each: rates have something to go by
CHART = {"date": "1990-06-15", "time": "14:30", "time_zone": "Europe/London", "latitude": 51.5, "longitude": -0.1}


@dataclass(frozen=True)
class Screen:
    """A page and how often it draws itself."""

    page: str
    seconds: float
    query: str = ""


SCREENS = (
    Screen("", 5),
    Screen("traffic", 30),
    Screen("explorer", 5, ASKED),
    Screen("logs", 5),
    Screen("requests", 5),
)


def used(product: Product, charts: int) -> None:
    """Real requests, spread over some scrapes, so that the pages have what they show on any day."""
    headers = {"Authorization": f"Bearer {console_token((product.folder / 'secret').read_text())}"}
    with httpx.Client(base_url=product.api, headers=headers, timeout=30) as client:
        for number in range(charts):
            client.post("/v1/charts", json={**CHART, "latitude": number / 10}).raise_for_status()
            time.sleep(15 * SCRAPES / charts)


def worst(console: Load, floor: float, quick: bool) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The slowest page's ratios to the bare page's median, and each page's figures."""
    found = {screen.page or "now": _page(console, screen, quick) for screen in SCREENS}
    ratios = {
        "worst_p50_over_bare": max(figures["p50_ms"] for figures in found.values()) / floor,
        "worst_p95_25_over_bare": max(figures["p95_25_ms"] for figures in found.values()) / floor,
    }
    return {name: round(value, 2) for name, value in ratios.items()}, found


def _page(console: Load, screen: Screen, quick: bool) -> dict[str, float]:
    alone = console.reruns(screen.page, 1, 4 if quick else 15, 0.2, screen.query)
    few = console.reruns(screen.page, 5 if quick else 25, 4, 1.0 if quick else 5.0, screen.query)
    many = console.reruns(screen.page, 5 if quick else 50, 4, 1.0 if quick else 5.0, screen.query)
    ticks = console.ticks(screen.page, 2 if quick else 50, min(screen.seconds, 5.0) if quick else screen.seconds, screen.query)
    reports = (alone, few, many, ticks)
    return {
        "p50_ms": alone["rerun_ms"]["p50"],
        "p95_25_ms": few["rerun_ms"]["p95"],
        "p95_50_ms": many["rerun_ms"]["p95"],
        **_ticks(ticks),
        "first_bytes": alone["bytes_first_run"],
        "rerun_bytes": alone["bytes_per_rerun"],
        "errors": sum(report["errors"] + report["exceptions_shown"] + report["page_not_found"] for report in reports),
        "client_lag_ms_p95": max(report["client"]["loop_lag_ms_p95"] for report in reports),
    }


def _ticks(report: Report) -> dict[str, float]:
    """Empty: the page has no timer that ticked."""
    ticks = report["fragment_ms"]
    return {} if not ticks else {"tick_p50_ms": ticks["p50"], "tick_p95_ms": ticks["p95"], "tick_bytes": report["bytes_per_fragment_run"]}
