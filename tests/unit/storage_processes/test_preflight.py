"""What is checked before a start, and the sentences that refuse it."""

from __future__ import annotations

import os
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend import preflight
from backend.preflight import StartRefused
from backend.settings import RUNNING_FILE, Settings


def settings(folder: Path, **given: object) -> Settings:
    return Settings.model_validate({"state_dir": folder, **given})


def test_loopback_needs_no_certificate(tmp_path: Path) -> None:
    assert preflight.tls_problem(settings(tmp_path, api_host="::1", console_host="localhost")) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org"])
def test_any_other_address_needs_one(tmp_path: Path, host: str) -> None:
    public = {"console_host": host, "public_url": "https://astrolabe.example.org"}
    assert "ASTROLABE_CONSOLE_HOST" in (preflight.tls_problem(settings(tmp_path, **public)) or "")
    assert preflight.tls_problem(settings(tmp_path, **public, trusted_proxy="192.0.2.1")) is None


@pytest.mark.parametrize("given", [{"console_host": "0.0.0.0"}, {"console_host": "::"}, {"trusted_proxy": "192.0.2.1"}])
def test_a_console_that_cannot_know_its_name_has_to_be_told(tmp_path: Path, given: dict[str, str]) -> None:
    assert "set ASTROLABE_PUBLIC_URL" in (preflight.tls_problem(settings(tmp_path, **given)) or "")


def test_addresses_are_given_as_one_asks_for_them(tmp_path: Path) -> None:
    ours = settings(tmp_path, api_host="::1", console_host="0.0.0.0")
    assert (ours.api_base, ours.console_base) == ("http://[::1]:8000", "http://127.0.0.1:8501")


def test_certificate_and_key_belong_together_and_must_exist(tmp_path: Path) -> None:
    one, other = tmp_path / "one.pem", tmp_path / "other.pem"
    assert "belong together" in (preflight.tls_problem(settings(tmp_path, tls_certificate=one)) or "")
    assert "cannot be found" in (preflight.tls_problem(settings(tmp_path, tls_certificate=one, tls_key=other)) or "")
    one.touch()
    other.touch()
    assert preflight.tls_problem(settings(tmp_path, api_host="0.0.0.0", tls_certificate=one, tls_key=other)) is None


def test_the_state_folder_is_made_for_ourselves_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "var"
    preflight.prepare_state_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_state_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartRefused, match=r"cannot be written .* ASTROLABE_STATE_DIR"):
        preflight.prepare_state_folder(tmp_path / "file" / "var")


def test_the_secret_is_made_once_for_ourselves_alone(tmp_path: Path) -> None:
    first = preflight.secret(settings(tmp_path))
    assert len(first) == 64
    assert preflight.secret(settings(tmp_path)) == first
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_of_several_that_make_the_secret_at_once_all_read_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: preflight.secret(settings(tmp_path)), range(32)))) == 1


@pytest.mark.parametrize("weak", ["short", "a" * 64, "abcabcabc" * 8])
def test_a_weak_secret_is_refused(tmp_path: Path, weak: str) -> None:
    with pytest.raises(StartRefused, match="ASTROLABE_SECRET_KEY"):
        preflight.secret(settings(tmp_path, secret_key=weak))


def test_a_secret_by_setting_touches_no_file(tmp_path: Path) -> None:
    given = "correct-horse-battery-staple-0123456789"
    assert preflight.secret(settings(tmp_path, secret_key=given)) == given
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_one_sentence_with_port_and_setting() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            StartRefused, match=rf"^Port {port} on 127.0.0.1 cannot be used \(address already in use\); .* ASTROLABE_API_PORT .*\.$"
        ):
            preflight.port_is_free("127.0.0.1", port, "ASTROLABE_API_PORT")


def test_a_free_port_is_listened_on() -> None:
    with (
        preflight.listener("127.0.0.1", 0, "ASTROLABE_API_PORT") as listening,
        socket.create_connection(listening.getsockname(), timeout=2),
    ):
        pass


def test_a_state_folder_has_one_holder(tmp_path: Path) -> None:
    lock = preflight.lock_state_folder(tmp_path)
    with pytest.raises(StartRefused, match="Another `run` already uses"):
        preflight.lock_state_folder(tmp_path)
    os.close(lock)
    os.close(preflight.lock_state_folder(tmp_path))


def test_the_socket_moves_to_a_short_folder_when_its_path_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    assert settings(Path("/srv/var")).valkey_socket == Path("/srv/var/valkey/valkey.sock")
    moved = settings(Path("/srv") / ("long" * 30)).valkey_socket
    assert moved.parent.parent == Path("/run/user/1")
    assert moved == settings(Path("/srv") / ("long" * 30)).valkey_socket
    assert moved != settings(Path("/srv") / ("gone" * 30)).valkey_socket


def test_a_role_started_by_run_reads_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = settings(
        tmp_path, api_port=8123, geocoder_url="http://127.0.0.1:9", secret_key="correct-horse-battery-staple-0123456789", demo=True
    )
    for name, value in ours.child_environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == ours


def test_commands_know_what_run_was_started_with_but_the_environment_has_the_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = settings(tmp_path, geocoder_url="http://127.0.0.1:9", api_port=8123, console_port=8124, demo=True, secret_key="s" * 40)
    (tmp_path / RUNNING_FILE).write_text(running.running_lines())
    monkeypatch.setenv("ASTROLABE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("ASTROLABE_CONSOLE_PORT", "8125")
    found = Settings.of_running()
    assert (found.geocoder_url, found.api_port, found.console_port, found.demo) == ("http://127.0.0.1:9", 8123, 8125, True)
    assert found.secret_key.get_secret_value() == ""
