"""An API process with fakes, for tests that stop one: prints its public address, and on stderr its log."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import Any

from backend.answer import Answer
from backend.api.serve import listening, serve
from backend.clock import SystemClock
from backend.telemetry import logging as telemetry
from tests.unit.api.builders import Api, desk_of


class Slow:
    """Half a second a chart."""

    def compute(self, _actor: Any, request: Any) -> Answer[Any]:
        time.sleep(0.5)
        return Answer(request, "files")


def main() -> None:
    telemetry.configure("info", "api", "test")
    api = Api()
    listener = listening("127.0.0.1", 0)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    parts = replace(api.parts, clock=SystemClock(), charts=desk_of(Slow(), SystemClock()))
    serve(parts, fd=listener.detach())
    print(f"alive: {len(api.monitoring.alive)}, recorded: {sum(len(batch) for batch in api.monitoring.batches)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
