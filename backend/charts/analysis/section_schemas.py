"""JSON Schema of the parts of a document that rules make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backend.charts.analysis.dignities import Dignity, ReceptionKind
from backend.charts.analysis.distributions import Hemisphere, Quadrant
from backend.charts.analysis.patterns import PatternKind
from backend.charts.analysis.phases import LunarPhase, Pace, SolarStanding
from backend.charts.analysis.points import ANGLES, PLANETS
from backend.charts.analysis.signs import Element, Polarity, SignMode
from backend.charts.schemas import BODY, DEGREES, FLAG, NAME, NUMBER, PLACE, Json, nullable, one_of, rows, whole
from backend.charts.vocabulary import CLASSICAL_PLANETS, SIGNS, Section

_COUNT: Json = {"type": "integer", "minimum": 0}
_ORB: Json = {"type": "number", "minimum": 0}
_FRACTION: Json = {"type": "number", "minimum": 0, "maximum": 1}
_PLANET = one_of(CLASSICAL_PLANETS)
_SECT: Json = {"enum": ["day", "night", None]}
_KNOWN = nullable(FLAG)


def _groups(names: Iterable[str]) -> Json:
    return whole({str(name): whole({"count": _COUNT, "bodies": rows(one_of(PLANETS))}) for name in names})


_PATTERNS = whole(
    {
        "least_of_a_stellium": _COUNT,
        "patterns": rows(
            whole(
                {
                    "pattern": one_of(PatternKind),
                    "bodies": rows(BODY),
                    "apex": nullable(BODY),
                    "widest_orb_degrees": nullable(_ORB),
                    "sign": nullable(one_of(SIGNS)),
                }
            )
        ),
    }
)
_MIDPOINTS = whole(
    {
        "orb_degrees": _ORB,
        "midpoints": rows(whole({"first": NAME, "second": NAME, **PLACE, "other_middle_as_near": FLAG})),
        "contacts": rows(
            whole({"point": NAME, "first": NAME, "second": NAME, "angle_degrees": {"enum": [0, 45, 90, 135, 180]}, "orb_degrees": NUMBER})
        ),
    }
)
_PARALLELS = whole(
    {
        "orb_degrees": _ORB,
        "obliquity_degrees": NUMBER,
        "parallels": rows(whole({"first": BODY, "second": BODY, "parallel": one_of(("parallel", "contraparallel")), "orb_degrees": _ORB})),
        "out_of_bounds": nullable(rows(whole({"body": BODY, "declination_degrees": NUMBER, "beyond_degrees": _ORB}))),
    }
)
_DISTRIBUTIONS = whole(
    {
        "counted": rows(one_of(PLANETS)),
        "elements": _groups(Element),
        "modes": _groups(SignMode),
        "polarities": _groups(Polarity),
        "hemispheres": nullable(_groups(Hemisphere)),
        "quadrants": nullable(_groups(Quadrant)),
    }
)
_LORDS: Json = {
    "lords": whole(
        {
            "domicile": _PLANET,
            "exaltation": nullable(_PLANET),
            "triplicity": nullable(_PLANET),
            "bound": _PLANET,
            "face": _PLANET,
            "participating": _PLANET,
        }
    ),
    "almuten": rows(_PLANET),
}
_DIGNITIES = whole(
    {
        "tables": whole(dict.fromkeys(("bounds", "triplicities", "faces", "points"), NAME)),
        "sect": _SECT,
        "planets": nullable(
            rows(
                whole(
                    {
                        "body": _PLANET,
                        "dignities": rows(one_of(Dignity)),
                        "score": {"type": "integer"},
                        **_LORDS,
                        "own_sect": _SECT,
                        **dict.fromkeys(("in_sect", "above_horizon", "in_hayz"), _KNOWN),
                    }
                )
            )
        ),
        "mutual_receptions": rows(whole({"first": _PLANET, "second": _PLANET, "by": one_of(ReceptionKind)})),
        "angles": rows(whole({"point": one_of(ANGLES), **_LORDS})),
    }
)
_PHASES = whole(
    {
        "moon": nullable(one_of(LunarPhase)),
        "to_the_sun": nullable(
            rows(
                whole(
                    {
                        "body": BODY,
                        "ahead_of_sun_degrees": DEGREES,
                        "elongation_degrees": NUMBER,
                        "phase_angle_degrees": NUMBER,
                        "illuminated_fraction": _FRACTION,
                        "rises": one_of(("before_the_sun", "after_the_sun")),
                        "standing": one_of(SolarStanding),
                    }
                )
            )
        ),
        "pace": nullable(rows(whole({"body": BODY, "speed_over_mean": NUMBER, "pace": one_of(Pace)}))),
    }
)
SECTION_SCHEMAS: Mapping[Section, Json] = {
    Section.PATTERNS: _PATTERNS,
    Section.MIDPOINTS: _MIDPOINTS,
    Section.PARALLELS: _PARALLELS,
    Section.DISTRIBUTIONS: _DISTRIBUTIONS,
    Section.DIGNITIES: _DIGNITIES,
    Section.PHASES: _PHASES,
}
