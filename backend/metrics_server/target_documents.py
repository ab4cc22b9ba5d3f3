"""What is scraped, as ``/api/v1/targets`` tells it."""

from __future__ import annotations

from typing import Any

from backend.monitoring.embedded.records import TargetState


def target_document(target: TargetState, interval_seconds: float) -> dict[str, Any]:
    """One active target."""
    labels = dict(target.labels)
    return {
        "discoveredLabels": labels,
        "labels": labels,
        "scrapePool": labels.get("job", ""),
        "scrapeUrl": target.url,
        "globalUrl": target.url,
        "lastError": target.error,
        "lastScrape": target.last_scrape.isoformat(),
        "lastScrapeDuration": target.seconds,
        "health": target.health,
        "scrapeInterval": f"{interval_seconds:g}s",
        "scrapeTimeout": f"{interval_seconds:g}s",
    }
