"""The demo: the product in a state folder of its own, with a local geocoder and some minutes of bounded, real requests."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from functools import partial

from backend import preflight
from backend.clock import SystemClock
from backend.probe import alive
from backend.run import Runner, Say, run
from backend.settings import ROOT, Settings

GEOCODER_PORT = 8002
TRAFFIC_SECONDS = 600.0
TRAFFIC_PER_SECOND = 4.0
KEY_VARIABLE = "ASTROLABE_DEMO_KEY"
API_WITHIN_SECONDS = 120.0


def run_demo(settings: Settings, say: Say) -> int:
    """Like ``run``, with the geocoder and the traffic beside it."""
    port = None if settings.geocoder_url else free_port(GEOCODER_PORT)
    ours = demo_settings(settings, port)
    say("This is the demo: its state is apart from `run`, its geocoder is local, its traffic ends after ten minutes.")
    extra: list[Callable[[Runner], None]] = [_traffic] if port is None else [partial(_geocoder, port), _traffic]
    return run(ours, say, extra)


def demo_settings(settings: Settings, geocoder_port: int | None) -> Settings:
    """The same settings with the demo's folder (unless one was chosen) and its geocoder."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set} | {"demo": True}
    given.setdefault("state_dir", ROOT / "demo")
    if geocoder_port is not None:
        given["geocoder_url"] = f"http://127.0.0.1:{geocoder_port}"
    return Settings.model_validate(given)


def free_port(wanted: int) -> int:
    """That port if it is free, else any."""
    for number in (wanted, 0):
        try:
            listening = preflight.listener("127.0.0.1", number, "the demo's geocoder port")
        except preflight.StartRefused:
            continue
        with listening:
            return int(listening.getsockname()[1])
    raise preflight.StartRefused("There is no free port for the demo's geocoder.")


def _geocoder(port: int, runner: Runner) -> None:
    runner.add("geocoder", "backend.demo_geocoder", "--port", str(port), "--index", str(runner.settings.place_index), grace_seconds=3.0)
    runner.say(f"The demo's geocoder is http://127.0.0.1:{port}; its switches are at /_switch.")


def _traffic(runner: Runner) -> None:
    key = runner.prepared.traffic_key
    if key is not None:
        runner.add("traffic", "backend", "demo-traffic", lasting=False, grace_seconds=3.0, environment={KEY_VARIABLE: key})


def drive_traffic(settings: Settings) -> None:
    """Wait for the API, then send mixed requests for some minutes."""
    from backend.demo_traffic import drive

    clock = SystemClock()
    until = clock.monotonic() + API_WITHIN_SECONDS
    while not alive(settings.api_host, settings.api_port, tls=bool(settings.tls_certificate)):
        if clock.monotonic() > until:
            raise preflight.StartRefused("The API did not answer, so no traffic was sent.")
        clock.sleep(0.5)
    drive(settings.api_base, os.environ[KEY_VARIABLE], TRAFFIC_SECONDS, TRAFFIC_PER_SECOND, random.random, clock)
