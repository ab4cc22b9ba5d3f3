"""A geocoder that speaks Nominatim's protocol (https://nominatim.org/release-docs/latest/api/Search/)."""

from __future__ import annotations

import math
from typing import Any

from backend.errors import DependencyFailed
from backend.integrations.http_client import HttpClient
from backend.integrations.place import Place
from backend.integrations.zones import zone_at

NAME = "geocoder"
_FEWEST = 8  # asked for, as some of them may be no places
_PLACES = frozenset({"place", "boundary"})  # not shops, roads and rivers that share a town's name


class Geocoder:
    """Asks for places by free text."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def search(self, text: str, limit: int) -> list[Place]:
        """Its places in its own order; what is no place, or lies nowhere, is left out."""
        document = self._client.get_json("/search", {"q": text, "format": "jsonv2", "limit": max(limit, _FEWEST), "addressdetails": 1})
        if not isinstance(document, list):
            raise DependencyFailed(NAME, "geocoder answered with something that is not a list of places", transient=False)
        return [place for row in document if (place := _place(row)) is not None][:limit]


def _place(row: Any) -> Place | None:
    if not isinstance(row, dict) or row.get("category", row.get("class")) not in _PLACES:
        return None
    latitude, longitude = _degrees(row.get("lat"), 90), _degrees(row.get("lon"), 180)
    zone = None if latitude is None or longitude is None else zone_at(latitude, longitude)
    name = str(row.get("name") or str(row.get("display_name") or "").partition(",")[0]).strip()
    if latitude is None or longitude is None or zone is None or not name:
        return None
    country, admin = _address(row.get("address"))
    return Place(name[:200], country, latitude, longitude, zone, None, admin)


def _address(address: Any) -> tuple[str, str | None]:
    if not isinstance(address, dict):
        return "", None
    state = address.get("state")
    return str(address.get("country_code") or "").upper()[:2], str(state)[:100] if state else None


def _degrees(text: Any, limit: float) -> float | None:
    """Nominatim gives numbers as text."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) and abs(value) <= limit else None
