"""The embedded Valkey, for real: start, joining, replacement, and no loss by a kill."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.errors import StorageUnavailable
from backend.storage import valkey_server
from backend.storage.shared import SharedState
from backend.storage.valkey_server import EmbeddedValkey, answers
from tests.support.processes import TRIALS, alive_with, until

pytestmark = pytest.mark.processes


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey", tmp_path / "v.sock")
    server.start_or_adopt()
    yield server
    server.stop()


@pytest.fixture
def shared(valkey: EmbeddedValkey) -> Iterator[SharedState]:
    state = SharedState(f"unix://{valkey.socket}")
    yield state
    state.close()


def test_it_answers_on_a_socket_for_ourselves_alone_and_on_no_port(valkey: EmbeddedValkey, shared: SharedState) -> None:
    assert shared.ping() < 1.0
    assert stat.S_IMODE(valkey.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(valkey.folder.stat().st_mode) == 0o700
    assert shared.client.config_get("port") == {"port": "0"}
    assert shared.client.config_get("appendonly") == {"appendonly": "yes"}


def test_what_was_acknowledged_is_there_after_a_kill(valkey: EmbeddedValkey, shared: SharedState) -> None:
    for trial in range(TRIALS):
        acknowledged = [shared.client.incr("count") for _ in range(200)][-1]
        assert valkey.process is not None
        valkey.process.kill()
        valkey.process.wait()
        with pytest.raises(StorageUnavailable):
            shared.ping()
        valkey.start_or_adopt()
        assert int(shared.client.get("count")) == acknowledged == (trial + 1) * 200


def test_a_second_one_joins_and_does_not_end_the_first(valkey: EmbeddedValkey, shared: SharedState) -> None:
    second = EmbeddedValkey(valkey.folder, valkey.socket)
    second.start_or_adopt()
    assert not second.owned
    second.stop()
    assert shared.ping() < 1.0


def test_a_server_that_outlived_its_owner_is_replaced_with_its_data(tmp_path: Path) -> None:
    def unbound(arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(arguments, cwd=folder, stdout=subprocess.DEVNULL)

    first = EmbeddedValkey(tmp_path / "valkey", tmp_path / "v.sock", unbound)
    first.start_or_adopt()
    SharedState(f"unix://{first.socket}").client.set("kept", "yes")
    assert first.process is not None
    assert first._lock is not None
    os.close(first._lock)  # as the kernel does when the owner is killed
    second = EmbeddedValkey(tmp_path / "valkey", tmp_path / "v.sock")
    second.start_or_adopt()
    assert first.process.wait(5) == 0
    assert SharedState(f"unix://{second.socket}").client.get("kept") == "yes"
    second.stop()
    assert not answers(second.socket)


def test_a_process_that_merely_has_the_noted_number_is_let_be(tmp_path: Path) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (tmp_path / "valkey.pid").write_text(str(bystander.pid))
    server = EmbeddedValkey(tmp_path, tmp_path / "v.sock")
    server.start_or_adopt()
    server.stop()
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_its_owner(tmp_path: Path, sign: signal.Signals) -> None:
    script = (
        "import sys, time, pathlib; from backend.storage.valkey_server import EmbeddedValkey; "
        "EmbeddedValkey(pathlib.Path(sys.argv[1])).start_or_adopt(); print('up', flush=True); time.sleep(60)"
    )
    for _ in range(TRIALS):
        owner = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"
        owner.send_signal(sign)
        owner.wait()
        owner.stdout.close()
        assert until(lambda: not alive_with(str(tmp_path)))


def test_a_path_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="longer than the 107 bytes"):
        EmbeddedValkey(tmp_path, tmp_path / ("x" * 120)).start_or_adopt()


def test_a_server_that_ends_while_starting_is_said(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path, tmp_path / "v.sock", lambda _arguments, _folder: subprocess.Popen(["false"]))
    with pytest.raises(StorageUnavailable, match="ended while starting"):
        server.start_or_adopt()
    server.stop()


def test_a_server_that_never_answers_is_said(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path, tmp_path / "v.sock", lambda _arguments, _folder: subprocess.Popen(["sleep", "60"]))
    server.spawn()
    with pytest.raises(StorageUnavailable, match="did not answer within 0 s"):
        server.wait_until_ready(0.2)
    server.stop()


def test_without_the_wheel_a_server_on_the_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valkey_server.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageUnavailable, match="ASTROLABE_VALKEY_URL"):
        valkey_server.binary()
    (tmp_path / "redis-server").write_text("#!/bin/sh\n")
    (tmp_path / "redis-server").chmod(0o755)
    assert valkey_server.binary() == tmp_path / "redis-server"


def test_a_script_goes_on_after_the_server_forgot_it(shared: SharedState) -> None:
    double = shared.script("double", "return tonumber(ARGV[1]) * 2")
    assert double([], [4]) == 8
    shared.client.script_flush()
    assert double([], [5]) == 10


def test_a_server_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen()
        assert not answers(tmp_path / "silent.sock", 0.1)
        with pytest.raises(StorageUnavailable):
            SharedState(f"unix://{tmp_path / 'silent.sock'}").ping()
