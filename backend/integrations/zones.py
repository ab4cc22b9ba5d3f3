"""The time zone of a point on Earth."""

from __future__ import annotations

import tzfpy


def zone_at(latitude: float, longitude: float) -> str | None:
    """Its IANA name; None where the map has none. Nautical zones ('Etc/GMT…') are answers too."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return tzfpy.get_tz(longitude, latitude) or None
