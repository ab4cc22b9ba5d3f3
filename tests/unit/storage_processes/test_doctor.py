"""The doctor finds each thing that may be wrong, names it, and says how to mend it."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from pathlib import Path

import pytest

from backend import doctor, doctor_sources, preflight
from backend.finding import Finding
from backend.settings import Settings
from backend.storage.database import Database, sqlite_url
from backend.storage.migrate import migrate
from tests.support.stub_server import StubServer, answering


def settings(folder: Path, **given: object) -> Settings:
    ports = {name: free_port() for name in ("api_port", "console_port", "metrics_port")}
    return Settings.model_validate({"state_dir": folder, **ports, **given})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def finding(name: str, of: Settings) -> Finding:
    return next(found for found in doctor.examine(of) if found.name == name)


def assert_wrong(found: Finding, words: str) -> None:
    assert not found.ok
    assert words in found.words
    assert found.mend


def test_a_prepared_installation_has_nothing_wrong(tmp_path: Path) -> None:
    ours = settings(tmp_path)
    migrate(Database(ours.sql_url))
    preflight.secret(ours)
    ours.place_index.touch()
    assert [found for found in doctor.examine(ours) if not found.ok] == []


def test_looking_at_an_empty_installation_makes_nothing(tmp_path: Path) -> None:
    doctor.examine(settings(tmp_path / "var"))
    assert list(tmp_path.iterdir()) == []


def test_a_state_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    assert_wrong(finding("state_folder", settings(tmp_path / "var")), "cannot be written")


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://nobody@127.0.0.1/x", "postgresql+psycopg://127.0.0.1:1/x", "postgresql+psycopg://h:port/x"]
)
def test_a_bad_database_url(tmp_path: Path, url: str) -> None:
    ours = settings(tmp_path, database_url=url)
    assert_wrong(finding("database", ours), "The database cannot be used")
    assert_wrong(finding("schema", ours), "cannot be told")


def test_missing_migrations(tmp_path: Path) -> None:
    assert_wrong(finding("schema", settings(tmp_path)), "no database yet")
    sqlite3.connect(tmp_path / "astrolabe.db").close()
    assert_wrong(finding("schema", settings(tmp_path)), "Migrations are missing")


def test_a_database_of_a_newer_version(tmp_path: Path) -> None:
    ours = settings(tmp_path, database_url=sqlite_url(tmp_path / "newer.db"))
    migrate(Database(ours.sql_url))
    with sqlite3.connect(tmp_path / "newer.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert_wrong(finding("schema", ours), "does not know")


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "unix:///nowhere.sock", "nonsense"])
def test_valkey_away(tmp_path: Path, url: str) -> None:
    assert_wrong(finding("valkey", settings(tmp_path, valkey_url=url)), "Valkey is away")


def test_the_embedded_valkey_away_while_run_is_on(tmp_path: Path) -> None:
    lock = preflight.lock_state_folder(tmp_path)
    assert_wrong(finding("valkey", settings(tmp_path)), "does not answer")
    os.close(lock)
    assert finding("valkey", settings(tmp_path)).ok


def test_no_valkey_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "binary", lambda: tmp_path / "absent")
    assert_wrong(finding("valkey", settings(tmp_path)), "cannot be started")


@pytest.mark.parametrize("weak", ["short", "0" * 64])
def test_a_weak_secret(tmp_path: Path, weak: str) -> None:
    assert_wrong(finding("secret", settings(tmp_path, secret_key=weak)), "The secret has fewer than")
    (tmp_path / "secret").write_text(weak)
    assert_wrong(finding("secret", settings(tmp_path)), "The secret has fewer than")


def test_a_secret_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    assert_wrong(finding("secret", settings(tmp_path)), "cannot be read")


@pytest.mark.parametrize("role", ["api", "console"])
def test_a_taken_port(tmp_path: Path, role: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert_wrong(finding(f"{role}_port", settings(tmp_path, **{f"{role}_port": taken})), f"Port {taken} on 127.0.0.1")


def test_missing_and_damaged_ephemeris_files(tmp_path: Path) -> None:
    copied = tmp_path / "ephemeris"
    shutil.copytree(Settings().ephemeris_dir, copied)
    assert finding("ephemeris", settings(tmp_path, ephemeris_dir=copied)).ok
    path = copied / "semo_18.se1"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert_wrong(finding("ephemeris", settings(tmp_path, ephemeris_dir=copied)), "semo_18.se1 differs")
    path.unlink()
    assert_wrong(finding("ephemeris", settings(tmp_path, ephemeris_dir=copied)), "semo_18.se1 is missing")


def test_missing_time_zones(tmp_path: Path) -> None:
    assert_wrong(finding("time_zones", settings(tmp_path, zoneinfo_dir=tmp_path / "absent")), "time zones is missing")


def test_a_place_index_that_was_not_built(tmp_path: Path) -> None:
    assert_wrong(finding("place_index", settings(tmp_path)), "has not been built")


def test_an_open_listener_without_tls(tmp_path: Path) -> None:
    assert_wrong(finding("tls", settings(tmp_path, api_host="0.0.0.0")), "ASTROLABE_API_HOST=0.0.0.0")


def test_the_metrics_server_of_a_url_is_asked_as_pages_ask_it(tmp_path: Path) -> None:
    answer = '{"status":"success","data":{"version":"3.5.0"}}'
    with StubServer(answering(answer)) as server:
        assert "its version is 3.5.0" in finding("metrics", settings(tmp_path, prometheus_url=server.url)).words
        server.behave = answering("<html>")
        assert_wrong(finding("metrics", settings(tmp_path, prometheus_url=server.url)), "not JSON")
    assert_wrong(finding("metrics", settings(tmp_path, prometheus_url=server.url)), "could not be reached")
    half = settings(tmp_path, prometheus_url=server.url, prometheus_client_key=tmp_path / "key.pem")
    assert_wrong(finding("metrics", half), "belong together")


def test_log_lines_are_in_the_database_or_in_a_loki_that_is_asked_as_pages_ask_it(tmp_path: Path) -> None:
    assert finding("logs", settings(tmp_path)).ok
    with StubServer(answering('{"status":"success","data":{"resultType":"vector","result":[]}}')) as server:
        assert "answers" in finding("logs", settings(tmp_path, loki_url=server.url)).words
        server.behave = answering("<html>")
        assert_wrong(finding("logs", settings(tmp_path, loki_url=server.url)), "not JSON")
    assert_wrong(finding("logs", settings(tmp_path, loki_url=server.url)), "could not be reached")


def test_the_embedded_metrics_server_has_to_have_its_port_or_answer_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = settings(tmp_path)
    assert "`run` starts it" in finding("metrics", ours).words
    with socket.socket() as other:
        other.bind(("127.0.0.1", ours.metrics_port))
        other.listen()
        assert_wrong(finding("metrics", ours), "cannot be used")
        monkeypatch.setattr(doctor_sources, "METRICS_START_SECONDS", 0.0)
        lock = preflight.lock_state_folder(tmp_path)  # as a living `run` holds it
    try:
        assert_wrong(doctor_sources.metrics(ours), "does not answer")
    finally:
        os.close(lock)
