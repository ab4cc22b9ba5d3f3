"""The settings in the example file are those of the code."""

import re
from pathlib import Path

from backend.settings import ROOT, Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def lines() -> dict[str, str]:
    return dict(re.findall(r"^# (ASTROLABE_[A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


def test_the_example_names_every_setting_and_no_other() -> None:
    assert list(lines()) == [f"ASTROLABE_{name.upper()}" for name in Settings.model_fields]


def test_the_example_shows_the_defaults() -> None:
    given = {name.removeprefix("ASTROLABE_").lower(): value for name, value in lines().items() if value}
    folders = {name: ROOT / value for name, value in given.items() if name.endswith("_dir")}
    unset = Settings.model_construct()
    read = Settings.model_validate({**unset.model_dump(), **given, **folders})
    assert read.model_dump() == unset.model_dump()


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
