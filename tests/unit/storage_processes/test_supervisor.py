"""The supervisor keeps roles alive and stops them in order; with fake processes and a clock that a test moves."""

from __future__ import annotations

import signal
import subprocess

import pytest

from backend.supervisor import HEALTHY_AFTER_SECONDS, Role, Supervisor, Terminal, wait_before_restart
from tests.support.clock import ManualClock


class FakeProcess:
    def __init__(self, pid: int, journal: list[str], name: str, stubborn: bool = False) -> None:
        self.pid = pid
        self.code: int | None = None
        self._journal, self._name, self._stubborn = journal, name, stubborn

    def poll(self) -> int | None:
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        if self.code is None:
            raise subprocess.TimeoutExpired(self._name, timeout or 0)
        return self.code

    def send_signal(self, sig: int) -> None:
        self._journal.append(f"{signal.Signals(sig).name} {self._name}")
        if not self._stubborn:
            self.code = -sig

    def kill(self) -> None:
        self._journal.append(f"SIGKILL {self._name}")
        self.code = -signal.SIGKILL


class Stage:
    """A supervisor with everything it says and every process it starts."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.said: list[str] = []
        self.journal: list[str] = []
        self.started: list[FakeProcess] = []
        self.refuse = False
        self.supervisor = Supervisor(clock, self.said.append, self._wait)

    def role(self, name: str, *, lasting: bool = True, stubborn: bool = False) -> Role:
        def start() -> FakeProcess:
            if self.refuse:
                raise OSError("no memory left")
            self.started.append(FakeProcess(100 + len(self.started), self.journal, name, stubborn))
            return self.started[-1]

        return Role(name, start, grace_seconds=5.0, lasting=lasting)

    def _wait(self, seconds: float) -> bool:
        self.clock.sleep(seconds)
        return False

    def die(self, code: int) -> None:
        self.started[-1].code = code
        self.supervisor.tend()


@pytest.fixture
def stage(clock: ManualClock) -> Stage:
    return Stage(clock)


def test_waits_grow_from_one_second_to_thirty() -> None:
    assert [wait_before_restart(deaths) for deaths in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


def test_a_role_that_dies_is_started_again_after_its_wait(stage: Stage) -> None:
    stage.supervisor.add(stage.role("api"))
    stage.die(3)
    assert len(stage.started) == 1
    stage.supervisor.pause(1.0)
    assert len(stage.started) == 2
    assert stage.said == ["api ended with exit code 3; starting it again in 1 s.", "api runs again as process 101."]


def test_a_role_that_dies_at_once_again_waits_longer(stage: Stage) -> None:
    stage.supervisor.add(stage.role("api"))
    for wait in (1.0, 2.0, 4.0):
        stage.die(-signal.SIGKILL)
        assert stage.said[-1] == f"api was ended by SIGKILL; starting it again in {wait:.0f} s."
        stage.supervisor.pause(wait)


def test_a_role_that_was_healthy_for_a_minute_is_forgiven(stage: Stage) -> None:
    stage.supervisor.add(stage.role("api"))
    stage.die(1)
    stage.supervisor.pause(1.0)
    stage.clock.advance(HEALTHY_AFTER_SECONDS)
    stage.die(1)
    assert stage.said[-1].endswith("in 1 s.")


def test_a_start_that_fails_is_said_and_tried_again(stage: Stage) -> None:
    stage.supervisor.add(stage.role("valkey"))
    stage.die(1)
    stage.refuse = True
    stage.supervisor.pause(1.0)
    assert stage.said[-1] == "valkey could not be started (no memory left); the next try is in 2 s."
    stage.refuse = False
    stage.supervisor.pause(2.0)
    assert stage.supervisor.running() == {"valkey": 101}


def test_a_role_that_may_end_by_itself_is_not_started_again(stage: Stage) -> None:
    stage.supervisor.add(stage.role("traffic", lasting=False))
    stage.die(0)
    stage.supervisor.pause(60.0)
    assert stage.said == ["traffic ended; it is not started again."]
    assert len(stage.started) == 1


def test_roles_are_stopped_in_the_reverse_order(stage: Stage) -> None:
    for name in ("valkey", "worker", "api", "console"):
        stage.supervisor.add(stage.role(name))
    stage.supervisor.stop()
    assert stage.journal == ["SIGTERM console", "SIGTERM api", "SIGTERM worker", "SIGTERM valkey"]
    assert stage.supervisor.running() == {}


def test_processes_of_one_kind_are_stopped_together(stage: Stage) -> None:
    for name in ("valkey", "api 1", "api 2"):
        stage.supervisor.add(stage.role(name, stubborn=name == "api 2"))
    stage.supervisor.stop()
    assert stage.journal == ["SIGTERM api 1", "SIGTERM api 2", "SIGKILL api 2", "SIGTERM valkey"]


def test_a_role_that_does_not_stop_in_time_is_killed_and_said(stage: Stage) -> None:
    stage.supervisor.add(stage.role("api", stubborn=True))
    stage.supervisor.stop()
    assert stage.journal == ["SIGTERM api", "SIGKILL api"]
    assert stage.said == ["api did not stop within 5 s and was killed."]


def test_nothing_is_restarted_once_somebody_asked_to_stop(stage: Stage) -> None:
    stage.supervisor.add(stage.role("api"))
    stage.supervisor.ask_to_stop()
    stage.die(0)
    assert stage.supervisor.pause(100.0)
    stage.supervisor.run()
    assert len(stage.started) == 1


def test_a_successor_is_kept_and_the_one_before_gets_its_grace(stage: Stage) -> None:
    stage.supervisor.add(stage.role("api"))
    successor = FakeProcess(500, stage.journal, "successor")
    stage.supervisor.replace("api", successor)
    assert stage.journal == ["SIGTERM api"]
    assert stage.supervisor.running() == {"api": 500}
    stage.supervisor.pause(1.0)
    assert stage.supervisor.are_retired() and stage.said == []
    successor.code = 3
    stage.supervisor.tend()
    assert stage.said == ["api ended with exit code 3; starting it again in 1 s."]


def test_one_that_does_not_make_room_for_its_successor_is_killed(stage: Stage) -> None:
    stage.supervisor.add(stage.role("api", stubborn=True))
    stage.supervisor.replace("api", FakeProcess(500, stage.journal, "successor"))
    stage.supervisor.pause(4.0)
    assert not stage.supervisor.are_retired()
    stage.supervisor.pause(2.0)
    assert stage.journal == ["SIGTERM api", "SIGKILL api"]
    assert stage.said == ["api did not stop within 5 s and was killed."]
    assert stage.supervisor.are_retired()


def test_a_role_that_waits_for_its_restart_is_replaced_at_once(stage: Stage) -> None:
    stage.supervisor.add(stage.role("api"))
    stage.die(1)
    stage.supervisor.replace("api", FakeProcess(500, stage.journal, "successor"))
    stage.supervisor.pause(10.0)
    assert len(stage.started) == 1 and stage.supervisor.running() == {"api": 500}


def test_a_stop_ends_those_who_were_about_to_retire_too(stage: Stage) -> None:
    stage.supervisor.add(stage.role("api", stubborn=True))
    stage.supervisor.replace("api", FakeProcess(500, stage.journal, "successor"))
    stage.supervisor.stop()
    assert stage.journal == ["SIGTERM api", "SIGTERM successor", "SIGTERM api", "SIGKILL api"]


def test_a_hang_up_asks_for_new_processes_unless_the_terminal_is_gone(stage: Stage) -> None:
    stage.supervisor._hung_up()
    assert stage.supervisor.renewal_asked() and not stage.supervisor.renewal_asked()
    assert not stage.supervisor.stopping
    stage.supervisor._terminal = Gone()
    stage.supervisor._hung_up()
    assert stage.supervisor.stopping and not stage.supervisor.renewal_asked()


class Gone(Terminal):
    def is_gone(self) -> bool:
        return True
