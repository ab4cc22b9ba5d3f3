"""A process killed at any point between the record of an order and its effect leaves both in the end, or neither."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import event

from backend.clock import SystemClock
from backend.resilience.orders import Slot
from backend.storage.database import Database
from backend.storage.shared import SharedState
from tests.support.circuit_desk import REASON, CircuitDesk, guarded
from tests.support.figures import note
from tests.support.forked import CONTEXT
from tests.support.processes import TRIALS
from tests.support.valkey import shared, valkey_server
from tests.unit.resilience.fleets import QUICK

__all__ = ["shared", "valkey_server"]

ACTS: dict[str, tuple[Slot, Callable[[CircuitDesk], object]]] = {
    "isolate": (Slot.OVERRIDE, lambda desk: desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)),
    "change policy": (Slot.POLICY, lambda desk: desk.circuits.change_policy(desk.admin, "geocoder", {"total_seconds": 9}, REASON)),
    "inject fault": (Slot.FAULT, lambda desk: desk.circuits.inject_fault(desk.admin, "geocoder", {"error_ratio": 1}, REASON, 5)),
    "reset": (Slot.RESET, lambda desk: desk.circuits.reset(desk.admin, "geocoder", REASON)),
}
ALWAYS = ("isolate",)


class Fuse:
    """Ends this process as `kill -9` does when it is passed for the ``steps + 1``-th time."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def burn(self, *_: Any) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


class FusedShared(SharedState):
    """Passes the fuse before and after each script."""

    def __init__(self, url: str, fuse: Fuse) -> None:
        super().__init__(url)
        self._fuse = fuse

    def script(self, name: str, text: str) -> Callable[[Sequence[str], Sequence[Any]], Any]:
        run = super().script(name, text)

        def call(keys: Sequence[str], args: Sequence[Any]) -> Any:
            self._fuse.burn()
            answer = run(keys, args)
            self._fuse.burn()
            return answer

        return call


class FusedDatabase(Database):
    """Passes the fuse before and after each statement, and around each commit."""

    def __init__(self, url: str, fuse: Fuse) -> None:
        super().__init__(url)
        for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(self.engine, moment, fuse.burn)
        commit = self.engine.dialect.do_commit

        def committed(connection: Any) -> None:
            commit(connection)
            fuse.burn()

        self.engine.dialect.do_commit = committed  # type: ignore[method-assign]


def act_until_killed(database_url: str, shared_url: str, act: str, steps: int) -> None:
    fuse = Fuse(steps)
    with closing(FusedDatabase(database_url, fuse)) as database, closing(FusedShared(shared_url, fuse)) as shared:
        ACTS[act][1](CircuitDesk(database, shared, SystemClock(), guarded(QUICK)))


def killed(database: Database, shared: SharedState, act: str, steps: int) -> bool:
    """Whether the act was ended by the fuse; else it came to its own end."""
    process = CONTEXT.Process(target=act_until_killed, args=(database.engine.url.render_as_string(False), shared.url, act, steps))
    process.start()
    process.join(30)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@pytest.mark.parametrize("act", sorted(ACTS) if TRIALS > 3 else ALWAYS)
def test_an_order_is_recorded_and_applied_in_the_end_or_neither_wherever_its_process_is_killed(
    database: Database, shared: SharedState, act: str
) -> None:
    slot, outcomes = ACTS[act][0], []
    desk = CircuitDesk(database, shared, SystemClock(), guarded(QUICK))
    for steps in itertools.count():
        before, audited = desk.newest(slot), len(desk.acts())
        was_killed = killed(database, shared, act, steps)
        desk.circuits.apply_pending()
        after, held = desk.newest(slot), desk.held(slot)
        recorded = after is not None and (before is None or after.epoch > before.epoch)
        assert len(desk.acts()) - audited == int(recorded)
        assert (held.epoch, held.act, held.body) == ((after.epoch, after.id, after.body) if after else (0, "", ""))
        assert after is None or after.applied_at is not None
        outcomes.append(recorded)
        if act == "change policy" and recorded:
            desk.circuits.revert_policy(desk.admin, "geocoder", REASON)  # else the next would change nothing
        if not was_killed:
            break
    assert outcomes == sorted(outcomes)  # neither up to the commit, both from there on
    assert outcomes[0] is False
    assert len(outcomes) > 10
    note(
        f"kill -9 during '{act}' on {database.dialect}",
        points=len(outcomes) - 1,
        neither=outcomes.count(False),
        both=outcomes.count(True) - 1,
    )
