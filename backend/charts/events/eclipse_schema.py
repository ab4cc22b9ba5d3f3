"""JSON Schema of one eclipse in an answer."""

from __future__ import annotations

from backend.charts.events.schemas import WHEN, Json, nullable, number, one_of, rows, whole

_CONTACT = whole({"contact": {"type": "string"}, **WHEN})
_WHOLE_NUMBER: Json = {"type": ["integer", "null"]}
_LOCAL = whole(
    {
        "visible": {"type": "boolean", "description": "whether anything of it is above the horizon there"},
        "maximum": nullable(whole(WHEN)),
        "magnitude": nullable(number("share of the diameter that is covered at the local maximum; the umbral one of the Moon")),
        "obscuration": nullable(number("share of the Sun's disc that is covered; null for the Moon")),
        "altitude_degrees": nullable(number("of the eclipsed body at the local maximum, with refraction")),
        "contacts": rows(_CONTACT, "in the order of time; sunrise, sunset, moonrise or moonset among them where they fall into it"),
    }
)
EVENT: Json = {
    "eclipse": one_of(("solar", "lunar")),
    "kind": one_of(("total", "annular", "hybrid", "partial", "penumbral")),
    "central": {"type": ["boolean", "null"], "description": "solar: whether the shadow's axis meets the Earth"},
    "gamma": number("least distance of the axis from the Earth's centre, of the Moon from the axis: equatorial radii, north positive"),
    "magnitude": nullable(number("solar: share of the diameter that is covered, or the ratio of the diameters in a central eclipse")),
    "umbral_magnitude": nullable(number("lunar: below nought where the Moon stays outside of the umbra")),
    "penumbral_magnitude": nullable(number("lunar")),
    "saros": _WHOLE_NUMBER,
    "saros_member": _WHOLE_NUMBER,
    "greatest_at": nullable(whole({"latitude_degrees": number("north positive"), "longitude_degrees": number("east positive")})),
    "contacts": rows(_CONTACT, "worldwide, in the order of time"),
    "local": nullable(_LOCAL),
}
