"""Parts of a chart's document that are made when asked for: what rules read off the chart, as JSON has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backend.charts.analysis.dignities import POINTS_SOURCE, Reception, almuten, dignities_of, mutual_receptions, score
from backend.charts.analysis.distributions import Placed, counted, elements, hemispheres, modes, polarities, quadrants
from backend.charts.analysis.lordships import lords_of
from backend.charts.analysis.midpoints import DEFAULT_ORB as MIDPOINT_ORB
from backend.charts.analysis.midpoints import midpoint_contacts, midpoints
from backend.charts.analysis.parallels import DEFAULT_ORB as PARALLEL_ORB
from backend.charts.analysis.parallels import declinations_of, find_parallels, out_of_bounds
from backend.charts.analysis.patterns import LEAST_OF_A_STELLIUM, Pattern, find_patterns
from backend.charts.analysis.phases import Light, Pace, has_light, light, lunar_phase, pace
from backend.charts.analysis.points import ANGLES, points_of
from backend.charts.analysis.sect import PlanetSect, sects
from backend.charts.document_frame import place_of
from backend.charts.engine.chart import BodyPosition, Chart
from backend.charts.rounding import circle, cut
from backend.charts.vocabulary import CLASSICAL_PLANETS, Body, Center, Section

Json = dict[str, Any]


def section_of(section: Section, chart: Chart) -> Json:
    """One part of a chart; ``null`` in it where the chart does not know (no time, no Sun), KeyError for a part that is no rule's."""
    return SECTIONS[section](chart)


def _patterns(chart: Chart) -> Json:
    return {"least_of_a_stellium": LEAST_OF_A_STELLIUM, "patterns": [_pattern(each) for each in find_patterns(chart)]}


def _pattern(pattern: Pattern) -> Json:
    orb = pattern.widest_orb_degrees
    return {
        "pattern": pattern.kind,
        "bodies": list(pattern.bodies),
        "apex": pattern.apex,
        "widest_orb_degrees": None if orb is None else cut(orb),
        "sign": pattern.sign,
    }


def _midpoints(chart: Chart) -> Json:
    points = points_of(chart)
    return {
        "orb_degrees": MIDPOINT_ORB,
        "midpoints": [
            {
                "first": each.first,
                "second": each.second,
                **place_of(each.longitude_degrees),
                "other_middle_as_near": each.undecided,
            }
            for each in midpoints(points)
        ],
        "contacts": [
            {
                "point": each.point,
                "first": each.first,
                "second": each.second,
                "angle_degrees": each.angle_degrees,
                "orb_degrees": cut(each.orb_degrees),
            }
            for each in midpoint_contacts(points)
        ],
    }


def _parallels(chart: Chart) -> Json:
    declinations = declinations_of(chart)
    return {
        "orb_degrees": PARALLEL_ORB,
        "obliquity_degrees": cut(chart.obliquity_degrees),
        "parallels": [
            {"first": each.first, "second": each.second, "parallel": each.kind, "orb_degrees": cut(each.orb_degrees)}
            for each in find_parallels(declinations)
        ],
        "out_of_bounds": None
        if _from_the_sun(chart)
        else [
            {"body": each.body, "declination_degrees": cut(each.declination_degrees), "beyond_degrees": cut(each.beyond_degrees)}
            for each in out_of_bounds(declinations, chart.obliquity_degrees)
        ],
    }


def _distributions(chart: Chart) -> Json:
    planets = counted(chart)
    return {
        "counted": [each.body for each in planets],
        "elements": _groups(elements(planets)),
        "modes": _groups(modes(planets)),
        "polarities": _groups(polarities(planets)),
        **_by_angles(planets, chart),
    }


def _by_angles(planets: tuple[Placed, ...], chart: Chart) -> Json:
    if not all(name in chart.angles for name in ANGLES):
        return {"hemispheres": None, "quadrants": None}
    angles = [chart.angles[name].longitude_degrees for name in ANGLES]
    return {"hemispheres": _groups(hemispheres(planets, *angles)), "quadrants": _groups(quadrants(planets, *angles))}


def _groups(groups: Mapping[Any, list[Body]]) -> Json:
    return {name.value: {"count": len(bodies), "bodies": bodies} for name, bodies in groups.items()}


def _dignities(chart: Chart) -> Json:
    planets = [each for each in chart.bodies if each.body in CLASSICAL_PLANETS]
    receptions = mutual_receptions({each.body: each.longitude_degrees for each in planets})
    own = {each.body: each for each in sects(chart)}
    return {
        "tables": {"bounds": "egyptian", "triplicities": "dorothean", "faces": "chaldean", "points": POINTS_SOURCE},
        "sect": chart.sect,
        "planets": None
        if _from_the_sun(chart)
        else [_planet(each, chart, [one for one in receptions if each.body in one[:2]], own[each.body]) for each in planets],
        "mutual_receptions": [{"first": each.first, "second": each.second, "by": each.kind} for each in receptions],
        "angles": [{"point": name, **_lords(chart.angles[name].longitude_degrees, chart.sect)} for name in ANGLES if name in chart.angles],
    }


def _planet(planet: BodyPosition, chart: Chart, receptions: list[Reception], own: PlanetSect) -> Json:
    dignities = dignities_of(planet.body, planet.longitude_degrees, chart.sect)
    return {
        "body": planet.body,
        "dignities": list(dignities),
        "score": score(dignities, tuple(receptions)),
        **_lords(planet.longitude_degrees, chart.sect),
        "own_sect": own.own,
        "in_sect": own.in_sect,
        "above_horizon": own.above_horizon,
        "in_hayz": own.in_hayz,
    }


def _lords(longitude: float, sect: str | None) -> Json:
    return {"lords": lords_of(longitude, sect)._asdict(), "almuten": list(almuten(longitude, sect))}


def _phases(chart: Chart) -> Json:
    found = {each.body: each for each in chart.bodies}
    sun, moon = found.get(Body.SUN), found.get(Body.MOON)
    paces = [(each.body, pace(each)) for each in chart.bodies]
    return {
        "moon": None if sun is None or moon is None else lunar_phase(moon.longitude_degrees, sun.longitude_degrees),
        "to_the_sun": None if sun is None else [_light(light(each, sun)) for each in chart.bodies if has_light(each.body)],
        "pace": None if _from_the_sun(chart) else [_pace(body, found) for body, found in paces if found],
    }


def _light(found: Light) -> Json:
    return {
        "body": found.body,
        "ahead_of_sun_degrees": circle(found.ahead_degrees),
        "elongation_degrees": cut(found.elongation_degrees),
        "phase_angle_degrees": cut(found.phase_angle_degrees),
        "illuminated_fraction": cut(found.illuminated),
        "rises": "before_the_sun" if found.morning else "after_the_sun",
        "standing": found.standing,
    }


def _pace(body: Body, found: tuple[float, Pace]) -> Json:
    ratio, name = found
    return {"body": body, "speed_over_mean": cut(ratio), "pace": name}


def _from_the_sun(chart: Chart) -> bool:
    return chart.request.center is Center.HELIOCENTRIC


SECTIONS: Mapping[Section, Callable[[Chart], Json]] = {
    Section.PATTERNS: _patterns,
    Section.MIDPOINTS: _midpoints,
    Section.PARALLELS: _parallels,
    Section.DISTRIBUTIONS: _distributions,
    Section.DIGNITIES: _dignities,
    Section.PHASES: _phases,
}
"""The parts that follow from the chart alone."""
