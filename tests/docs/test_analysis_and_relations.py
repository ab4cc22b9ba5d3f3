"""The pages on analysis and on relations name every lot with its formula, every pattern, technique, method and year."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.charts.analysis.lots import FORMULAS
from backend.charts.analysis.patterns import PatternKind
from backend.charts.analysis.phases import SolarStanding
from backend.charts.analysis.sections import SECTIONS
from backend.charts.relations.composite_houses import HousesMethod
from backend.charts.relations.progressed_angles import AngleMethod
from backend.charts.relations.solar_arc import ArcKind
from backend.charts.relations.techniques import TECHNIQUES
from backend.charts.relations.time_key import YEAR_DAYS, YearLength
from backend.charts.vocabulary import Body, Lot

PAGES = Path(__file__).resolve().parents[2] / "docs" / "charts"
ANALYSIS, RELATIONS = ((PAGES / f"{name}.md").read_text("utf-8") for name in ("analysis", "relations"))


@pytest.mark.parametrize("lot", FORMULAS)
def test_every_lot_stands_in_the_table_with_its_formula(lot: Lot) -> None:
    (row,) = [line for line in ANALYSIS.splitlines() if line.startswith(f"| `{lot}` |")]
    arc = FORMULAS[lot].by_day
    bodies = [term.title() for term in (arc.start, arc.end) if isinstance(term, Body)]
    assert [row.index(body) for body in bodies] == sorted(row.index(body) for body in bodies)
    if not arc.shorter:
        assert ("reversed" in row) == (FORMULAS[lot].by_night == arc.reversed)


@pytest.mark.parametrize("word", [*PatternKind, *SolarStanding, *SECTIONS])
def test_every_word_of_the_analysis_is_explained(word: str) -> None:
    assert f"`{word}`" in ANALYSIS


@pytest.mark.parametrize("word", [*HousesMethod, *AngleMethod, *ArcKind, *YearLength])
def test_every_choice_of_the_relations_is_explained(word: str) -> None:
    assert f"`{word}`" in RELATIONS


def test_every_technique_and_every_year_has_its_place() -> None:
    assert all(f"`POST /v1/{technique.name}`" in RELATIONS for technique in TECHNIQUES)
    assert all(f"({days:.9g}" in RELATIONS for days in YEAR_DAYS.values())
