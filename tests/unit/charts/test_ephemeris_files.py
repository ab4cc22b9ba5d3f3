"""Missing, damaged and foreign ephemeris files: the chart is delivered and says what it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.answer import Answer
from backend.charts.document import to_json
from backend.charts.engine.chart import Chart
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import PATH_VARIABLE, Ephemeris, Source
from backend.charts.engine.files import DATA, check_files, check_zones
from backend.charts.engine.request import parse_request
from backend.charts.service import ChartService
from backend.charts.vocabulary import Ayanamsa, Body
from backend.errors import ComputationFailed
from tests.support.clock import ManualClock
from tests.unit.charts.conftest import CALLER, body
from tests.unit.charts.places import FakePlaces

Damage = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "ephemeris", tmp_path / "ephe"))


@pytest.fixture
def opened(folder: Path) -> Iterator[Callable[[], Ephemeris]]:
    open_ones: list[Ephemeris] = []

    def open_now() -> Ephemeris:
        open_ones.append(Ephemeris(folder))
        return open_ones[-1]

    yield open_now
    for each in open_ones:
        each.close()


def chart_of(ephemeris: Ephemeris, zones: ZoneFolder, **changes: object) -> Answer[Chart]:
    return ChartService(ephemeris, zones, FakePlaces(), ManualClock()).compute(CALLER, parse_request(body(**changes)))


def test_the_shipped_data_are_the_pinned_ones() -> None:
    assert check_files(DATA / "ephemeris") == []
    assert check_zones(DATA / "zoneinfo") == []


def test_without_files_the_chart_is_moshiers_and_degraded(folder: Path, opened, zones: ZoneFolder) -> None:
    for file in folder.iterdir():
        file.unlink()
    answer = chart_of(opened(), zones)
    sources = {each.body: each.source for each in answer.value.bodies}
    assert sources.pop(Body.MEAN_NODE) is Source.MEAN_ELEMENTS  # it needs no file: no evidence either way
    assert set(sources.values()) == {Source.MOSHIER}
    assert [missing.body for missing in answer.value.unavailable] == [Body.CHIRON]
    assert {each.why for each in answer.degraded} == {"files_missing"}
    assert answer.degraded[0].since is not None
    text = to_json(answer).decode()
    assert str(folder) not in text and "ephe" + "/" not in text


@pytest.mark.parametrize(
    ("name", "damage", "code"),
    [
        ("sepl_18.se1", lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]), "files_damaged"),
        ("semo_18.se1", lambda file: file.write_bytes(b"\0" + file.read_bytes()[1:]), "files_damaged"),
        ("sepl_18.se1", Path.unlink, "files_missing"),
    ],
)
def test_a_wrong_planet_file_is_named_and_never_used(folder: Path, opened, zones: ZoneFolder, name: str, damage: Damage, code: str) -> None:
    damage(folder / name)
    assert [(each.name, each.code) for each in check_files(folder)] == [(name, code)]
    answer = chart_of(opened(), zones)
    assert answer.value.bodies[0].source is Source.MOSHIER
    assert [each.why for each in answer.degraded] == [code]
    assert answer.value.provenance.files_sha256 != chart_of(Ephemeris(DATA / "ephemeris"), zones).value.provenance.files_sha256


@pytest.mark.parametrize("body", ["mean_node", "mean_lilith", "interpolated_lilith", "interpolated_perigee"])
def test_what_needs_no_file_is_no_evidence_of_files(folder: Path, opened, zones: ZoneFolder, body: str) -> None:
    for file in folder.iterdir():
        file.unlink()
    answer = chart_of(opened(), zones, bodies=[body])
    assert answer.value.bodies[0].source in (Source.MEAN_ELEMENTS, Source.INTERPOLATED)
    assert [(each.why, each.detail[:9]) for each in answer.degraded] == [("files_missing", "sun, moon")]  # Fortune needs them


def test_without_files_then_with_them(folder: Path, opened, zones: ZoneFolder) -> None:
    away = folder.parent / "away"
    folder.rename(away)
    without = chart_of(opened(), zones)
    away.rename(folder)
    again = chart_of(opened(), zones)
    assert (len(without.degraded), again.degraded) == (1, ())
    assert without.value.provenance.files_sha256 != again.value.provenance.files_sha256
    pairs = zip(without.value.bodies, again.value.bodies[:-1], strict=True)  # without the file there is no Chiron
    assert 0 < max(abs(one.longitude_degrees - other.longitude_degrees) * 3600 for one, other in pairs) < 60


def test_without_the_asteroids_only_chiron_is_missing(folder: Path, opened, zones: ZoneFolder) -> None:
    (folder / "seas_18.se1").unlink()
    answer = chart_of(opened(), zones)
    assert answer.value.bodies[0].source is Source.FILES
    assert [(each.body, each.why) for each in answer.value.unavailable] == [(Body.CHIRON, "files_missing")]
    assert answer.degraded[0].detail.startswith("chiron")


def test_an_ayanamsa_of_a_star_needs_the_catalogue(folder: Path, opened, zones: ZoneFolder) -> None:
    (folder / "sefstars.txt").unlink()
    ephemeris = opened()
    with pytest.raises(ComputationFailed, match="star catalogue"):
        chart_of(ephemeris, zones, zodiac="sidereal", ayanamsa=Ayanamsa.TRUE_CITRA.value)
    with pytest.raises(ComputationFailed, match="star catalogue"):
        ephemeris.run(lambda sky: sky.star(2451545.0, "Spica"))
    assert chart_of(ephemeris, zones, zodiac="sidereal").degraded == ()


def test_a_foreign_path_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PATH_VARIABLE, "/somewhere/else")
    with pytest.raises(ComputationFailed, match=PATH_VARIABLE):
        Ephemeris(DATA / "ephemeris")


@pytest.mark.parametrize("name", ["with:colon", "x" * 200 + "/" + "y" * 100])
def test_files_that_the_library_cannot_find_are_refused(tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(DATA / "ephemeris", tmp_path / name))
    with pytest.raises(ComputationFailed, match="does not find"):
        Ephemeris(folder)


def test_a_closed_ephemeris_has_no_open_files(folder: Path) -> None:
    ephemeris = Ephemeris(folder)
    ephemeris.run(lambda sky: sky.positions(2451545.0, [Body.SUN, Body.CHIRON]))
    ephemeris.close()
    ephemeris.close()
    assert not [file for file in Path("/proc/self/fd").iterdir() if file.exists() and str(file.resolve()).startswith(str(folder))]


def test_a_changed_zone_folder_is_noticed(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(DATA / "zoneinfo", tmp_path / "zones"))
    (copy / "UTC").unlink()
    assert [each.code for each in check_zones(copy)] == ["files_damaged"]
    assert [each.code for each in check_zones(tmp_path / "none")] == ["files_missing"]
    assert ZoneFolder(copy).database == "IANA, folder given by setting"
    (copy / "tzdata.zi").unlink()
    assert ZoneFolder(copy).version == "unknown"


def test_an_unknown_star_names_its_field(ephemeris: Ephemeris) -> None:
    with pytest.raises(Exception, match="no star of this name"):
        ephemeris.run(lambda sky: sky.star(2451545.0, "Nonesuch"))
