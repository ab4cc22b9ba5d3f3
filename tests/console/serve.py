"""Serves the real ``app.py`` over the stand-ins: ``python -m tests.console.serve uvicorn|streamlit|routes PORT [STATE]``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(way: str, port: str, state: str = "fresh") -> None:
    from components import services
    from tests.console import fakes

    handle = fakes.services("fresh" if state in {"good", "bad", "held"} else state)
    handle.settings_view.console_base = f"http://127.0.0.1:{port}"
    if state == "bad":
        handle.circuits.circuit_state = "open"
        handle.monitoring.degraded = 0.31
    if state == "held":
        handle.circuits.isolate(handle.accounts.actor("admin"), "geocoder", "Provider confirmed an outage, ticket OPS-318", 30)
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
