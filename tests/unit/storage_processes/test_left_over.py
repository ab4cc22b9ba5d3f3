"""What a process leaves behind that is ended in the middle of something: found and finished, or removed, at the next start."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from backend import preflight
from backend.integrations.places import is_current
from backend.prepare import prepare_stores
from backend.settings import ROOT, Settings
from backend.storage.valkey_server import EmbeddedValkey
from tests.support.places import place_index_path
from tests.support.processes import until

__all__ = ["place_index_path"]
BUILDING = "from pathlib import Path; from backend.integrations.places import build_index; build_index(Path({path!r}))"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"state_dir": tmp_path})


def test_a_killed_builder_leaves_no_half_index(settings: Settings) -> None:
    draft = settings.state_dir / "places.db.new"
    builder = subprocess.Popen([sys.executable, "-c", BUILDING.format(path=str(settings.place_index))], cwd=ROOT)
    assert until(draft.exists, 60.0)
    builder.kill()
    builder.wait()
    assert draft.exists() and not settings.place_index.exists() and not is_current(settings.place_index)


def test_a_draft_beside_a_good_index_is_removed_and_nothing_is_built(settings: Settings, place_index_path: Path) -> None:
    shutil.copyfile(place_index_path, settings.place_index)
    draft = settings.state_dir / "places.db.new"
    draft.write_bytes(b"half")
    lines: list[str] = []
    prepare_stores(settings, lines.append)
    assert not any("place index" in line for line in lines)
    assert not draft.exists()


def test_an_index_of_another_shape_is_not_current(tmp_path: Path, place_index_path: Path) -> None:
    path = tmp_path / "places.db"
    shutil.copyfile(place_index_path, path)
    assert is_current(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=1")
    assert not is_current(path)
    path.write_bytes(b"torn")
    assert not is_current(path)


def test_drafts_of_the_secret_go_once_nobody_can_be_writing_them(tmp_path: Path) -> None:
    old, young, secret = tmp_path / ".secret-old", tmp_path / ".secret-young", tmp_path / "secret"
    for path in (old, young, secret):
        path.write_text("x")
        os.utime(path, (1000.0, 1000.0))
    os.utime(young, (1050.0, 1050.0))
    assert preflight.clear_left_over(tmp_path, 1000.0 + preflight.LEFT_OVER_SECONDS + 1) == [old]
    assert young.exists() and secret.exists() and not old.exists()


def test_drafts_of_a_killed_valkey_go_before_the_next_starts(tmp_path: Path) -> None:
    log = tmp_path / "appendonlydir"
    log.mkdir()
    left, kept = [tmp_path / "temp-77.rdb", log / "temp-rewriteaof-77.aof"], log / "appendonly.aof.manifest"
    for path in (*left, kept):
        path.write_bytes(b"")

    class Started(Exception):
        pass

    def start(*_: object) -> subprocess.Popen[bytes]:
        assert not any(path.exists() for path in left)
        raise Started

    valkey = EmbeddedValkey(tmp_path, start=start)
    with pytest.raises(Started):
        valkey.spawn()
    assert kept.exists()
    valkey.stop()
