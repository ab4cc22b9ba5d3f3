"""Serves the real ``app.py`` over the stand-ins: ``python -m tests.console.serve uvicorn|streamlit|routes PORT [STATE]``."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from backend.operations.circuit_view import CircuitView, InstanceView, Standing
from backend.operations.order_record import OrderRecord
from backend.resilience.orders import Slot
from tests.console.fakes import SETTINGS, of_another_service

ROOT = Path(__file__).resolve().parents[2]


def main(way: str, port: str, state: str = "fresh") -> None:
    from components import services
    from tests.console import fakes

    handle = fakes.services(state if state in fakes.STATES else "fresh")
    handle.settings_view.console_base = f"http://127.0.0.1:{port}"
    arrange(handle, state)
    services.provide(handle)
    if way == "routes":
        print(json.dumps(routes()))
        return
    if way == "uvicorn":
        import uvicorn

        uvicorn.run("app:app", host="127.0.0.1", port=int(port), log_level="warning", access_log=False, app_dir=str(ROOT))
    if way == "streamlit":
        from streamlit.web.cli import main as streamlit

        sys.argv = ["streamlit", "run", str(ROOT / "app.py"), "--server.port", port, "--server.address", "127.0.0.1"]
        streamlit()


def arrange(handle: Any, state: str) -> None:
    """States of circuits to look at, beside those of the sources."""
    admin, circuits = handle.accounts.actor("admin"), handle.circuits
    if state in {"bad", "gameday"}:
        circuits.circuit_state = "open"
        handle.monitoring.degraded = 0.31
    if state == "held":
        circuits.isolate(admin, "geocoder", "Provider confirmed an outage, ticket OPS-318", 30)
    if state == "gameday":
        fault = {"latency_seconds": 2.0, "error_ratio": 0.5}
        circuits.inject_fault(admin, "geocoder", fault, "Game day of the week, ticket OPS-402", 15)
        circuits.change_policy(admin, "geocoder", changed_policy(), "Slow provider, ticket OPS-391", 0)
        circuits.others = [of_another_service(handle.clock), held_elsewhere(handle.clock)]


def changed_policy() -> dict[str, Any]:
    return {**SETTINGS, "attempt_seconds": 1.0, "circuit": {**SETTINGS["circuit"], "failure_ratio": 0.4, "wait_seconds": 8.0}}


def held_elsewhere(clock: Any) -> CircuitView:
    """Another service's breaker whose protection an operator switched off."""
    now = clock.now()
    begun, ends, why = now - timedelta(minutes=4), now + timedelta(minutes=26), "Migration of the mail relay, OPS-377"
    order = OrderRecord("order-9", Slot.OVERRIDE, "mail", 3, "disabled", why, "op-ana", "ana", begun, ends, now)
    standing = Standing(Slot.OVERRIDE, order, True, 1, 1)
    instances = (InstanceView("mail-1", "billing", "closed", 0.4, True, {Slot.OVERRIDE: 3}),)
    return of_another_service(clock, name="mail", title="Mail relay", override=order, standings=(standing,), instances=instances)


def routes() -> list[list[str]]:
    """Every path and websocket that the application answers, as it is built: [kind, path]."""
    from starlette.routing import Route, WebSocketRoute

    import app

    found = []
    for route in app.app._build_starlette_app().routes:
        kind = "websocket" if isinstance(route, WebSocketRoute) else "http" if isinstance(route, Route) else "mount"
        found.append([kind, getattr(route, "path", "/")])
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
