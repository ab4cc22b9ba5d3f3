"""Everything on one machine, kept alive together: the embedded Valkey, the worker, the metrics server, the API's processes, the console."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from backend import preflight
from backend.children import Command, Process, spawn, stop
from backend.clock import SystemClock
from backend.preflight import StartRefused
from backend.prepare import Prepared
from backend.probe import alive, ready
from backend.settings import ROOT, RUNNING_FILE, Settings
from backend.storage.valkey_server import EmbeddedValkey
from backend.supervisor import ROUND_SECONDS, Role, Supervisor

Say = Callable[[str], None]
READY_WITHIN_SECONDS = 90.0
SUCCEEDS_WITHIN_SECONDS = 45.0
API_GRACE_SECONDS = 20.0  # what is under way may take ten
LONGEST_LOG_BYTES = 20_000_000


def run(settings: Settings, say: Say, extra: Sequence[Callable[[Runner], None]] = ()) -> int:
    """Start all, keep all, stop all; the exit code. ``extra`` adds further roles (the demo's)."""
    runner = Runner(settings, say)
    runner.supervisor.listen_to_signals()
    try:
        runner.start(extra)
        runner.keep()
    except Interrupted:
        pass
    finally:
        runner.stop()
    return 0


class Interrupted(Exception):
    """Somebody asked to stop while things were starting."""


class Runner:
    """The order of starting and stopping. What it holds: the folder's lock, the listening sockets, the children."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self.settings = settings
        self.say = say
        self.supervisor = Supervisor(SystemClock(), say)
        self._logs = settings.state_dir / "log"
        self._valkey: EmbeddedValkey | None = None
        self._sockets: list[socket.socket] = []
        self._lock: int | None = None
        self._apis: dict[str, Command] = {}
        self.prepared = Prepared()

    def start(self, extra: Sequence[Callable[[Runner], None]] = ()) -> None:
        settings = self.settings
        problem = preflight.tls_problem(settings)
        if problem:
            raise StartRefused(problem)
        preflight.prepare_state_folder(settings.state_dir)
        self._lock = preflight.lock_state_folder(settings.state_dir)
        preflight.secret(settings)
        self._logs.mkdir(mode=0o700, exist_ok=True)
        api = self._listen(settings.api_host, settings.api_port, "ASTROLABE_API_PORT")
        console = self._listen(settings.console_host, settings.console_port, "ASTROLABE_CONSOLE_PORT")
        if not settings.prometheus_url:  # the server opens it itself: while it is away, who asks is to be told at once
            preflight.port_is_free("127.0.0.1", settings.metrics_port, "ASTROLABE_METRICS_PORT")
        (settings.state_dir / RUNNING_FILE).write_text(settings.running_lines())
        self._start_valkey()
        self._prepare()
        self.add("worker", "backend", "worker")
        if not settings.prometheus_url:
            self.add("metrics", "backend", "metrics", "serve")
        for more in extra:
            more(self)
        for number in range(1, settings.api_processes + 1):
            name = f"api {number}" if settings.api_processes > 1 else "api"
            self._apis[name] = self.add(name, "backend", "api", "--fd", str(api), keep=(api,), grace_seconds=API_GRACE_SECONDS)
        self.add("console", "backend", "console", "--fd", str(console), keep=(console,), grace_seconds=6.0)
        self._wait_until_ready()
        self._greet()

    def keep(self) -> None:
        shorten_at = 0.0
        while not self.supervisor.pause(ROUND_SECONDS):
            if self.supervisor.renewal_asked():
                self.renew()
            if SystemClock().monotonic() >= shorten_at:
                shorten_at = SystemClock().monotonic() + 60.0
                for path in self._logs.glob("*.log"):
                    move_aside(path)

    def renew(self) -> None:
        """A new process for each of the API's, one after the other: the new one is ready before the old one is asked to stop."""
        self.say("Replacing the API's processes, one after the other.")
        for name, command in self._apis.items():
            if not self._succeeded(name, command):
                if not self.supervisor.stopping:
                    self.say(f"{name} was not replaced: its successor was not ready within {SUCCEEDS_WITHIN_SECONDS:.0f} s.")
                return
            while not self.supervisor.are_retired():
                if self.supervisor.pause(ROUND_SECONDS):
                    return
        self.say("All processes of the API were replaced.")

    def _succeeded(self, name: str, command: Command) -> bool:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        words = (*command.arguments, "--ready-fd", str(writing))
        successor = self._spawn(name, replace(command, arguments=words, keep=(*command.keep, writing)))
        os.close(writing)
        try:
            ready = self._is_ready(successor, reading)
        finally:
            os.close(reading)
        if ready:
            self.supervisor.replace(name, successor)
        else:
            stop(successor, API_GRACE_SECONDS)
        return ready

    def _is_ready(self, successor: Process, reading: int) -> bool:
        """Whether it says in time where its operations port is, and that port that it is ready."""
        until, address = SystemClock().monotonic() + SUCCEEDS_WITHIN_SECONDS, ""
        while successor.poll() is None and SystemClock().monotonic() < until and not self.supervisor.pause(ROUND_SECONDS):
            with suppress(BlockingIOError):
                address += os.read(reading, 200).decode()
            if address and ready(address):
                return True
        return False

    def stop(self) -> None:
        if self.supervisor.running():
            self.say("Stopping the console, the API, the metrics server, the worker and Valkey.")
        self.supervisor.stop()
        if self._valkey is not None:
            self._valkey.stop()
        for listening in self._sockets:
            listening.close()
        if self._lock is not None:
            os.close(self._lock)

    def add(
        self,
        name: str,
        *words: str,
        keep: tuple[int, ...] = (),
        grace_seconds: float = 10.0,
        lasting: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> Command:
        """Keep ``python -m WORDS`` running, its lines in a log of its own."""
        command = Command((sys.executable, "-m", *words), {**self.settings.child_environment(), **(environment or {})}, ROOT, keep)
        self.supervisor.add(Role(name, partial(self._spawn, name, command), grace_seconds, lasting))
        return command

    def _spawn(self, name: str, command: Command) -> Process:
        path = self._logs / f"{name.replace(' ', '-')}.log"
        with path.open("ab") as log:
            return spawn(replace(command, environment={**(command.environment or os.environ), "ASTROLABE_LOG_FILE": str(path)}, output=log))

    def _listen(self, host: str, port: int, setting: str) -> int:
        listening = preflight.listener(host, port, setting)
        self._sockets.append(listening)
        return listening.fileno()

    def _start_valkey(self) -> None:
        if self.settings.valkey_url:
            return
        self._valkey = valkey = EmbeddedValkey(self.settings.state_dir / "valkey", self.settings.valkey_socket)

        def start() -> Process:
            process = valkey.spawn()
            if process is None:
                raise StartRefused(f"Another process already runs the Valkey of {self.settings.state_dir}; end it first.")
            return process

        self.supervisor.add(Role("valkey", start))
        valkey.wait_until_ready()

    def _prepare(self) -> None:
        """Migrations, the place index, the set-up code: in a process of its own, whose memory ends with it."""
        reading, writing = os.pipe()
        words = (sys.executable, "-m", "backend", "prepare", "--answer-fd", str(writing))
        process = spawn(Command(words, self.settings.child_environment(), ROOT, (writing,)))
        os.close(writing)
        with os.fdopen(reading) as answer:
            while process.poll() is None:
                if self.supervisor.pause(0.05):
                    process.send_signal(signal.SIGTERM)
                    process.wait()
                    raise Interrupted
            if process.poll():
                raise StartRefused("The preparation failed; the lines above say why. `python -m backend doctor` checks each part.")
            self.prepared = Prepared(**json.loads(answer.read()))

    def _wait_until_ready(self) -> None:
        self.say("Starting the worker, the metrics server, the API and the console.")
        until = SystemClock().monotonic() + READY_WITHIN_SECONDS
        waiting = {
            "the API": (self.settings.api_host, self.settings.api_port),
            "the console": (self.settings.console_host, self.settings.console_port),
        }
        while waiting:
            if self.supervisor.pause(0.1):
                raise Interrupted
            waiting = {name: address for name, address in waiting.items() if not alive(*address, tls=bool(self.settings.tls_certificate))}
            if waiting and SystemClock().monotonic() > until:
                raise StartRefused(
                    f"{' and '.join(waiting)} did not answer within {READY_WITHIN_SECONDS:.0f} s; the reason is in {self._logs}."
                )

    def _greet(self) -> None:
        settings = self.settings
        self.say("")
        self.say(f"  Console  {settings.console_base}")
        self.say(f"  API      {settings.api_base}/v1/charts")
        self.say(f"  Logs     {self._logs}")
        if self.prepared.setup_code:
            self.say("")
            self.say("  Nobody has an account yet. Open the console and type this set-up code; it works once, for 30 minutes:")
            self.say(f"  {self.prepared.setup_code}")
        self.say("")
        self.say("Ctrl-C stops everything.")


def move_aside(path: Path, longest_bytes: int = LONGEST_LOG_BYTES) -> None:
    """Keep at most two files of that length, none of whose lines is lost: its writer begins a new one when it finds this one gone."""
    if path.stat().st_size > longest_bytes:
        path.replace(path.with_suffix(".log.1"))
