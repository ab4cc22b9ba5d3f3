"""A circuit in sentences, for a terminal."""

from __future__ import annotations

from backend.operations.circuit_view import CircuitView
from backend.operations.order_record import OrderRecord

_HELD = {
    "isolated": "Isolated",
    "forced_open": "Forced open",
    "disabled": "Disabled",
    "metrics_only": "Counting only",
}


def line(view: CircuitView) -> str:
    """A circuit in one line."""
    held = f", {_HELD[view.override.kind].lower()} by {view.override.actor_name}" if _holds(view.override) and view.override else ""
    fault = ", a fault is being injected" if view.fault and view.fault.body else ""
    other = "" if view.configured else f" (of {view.service or 'another service'})"
    return f"{view.name}{other}: {view.state}{held}{fault}"


def described(view: CircuitView) -> list[str]:
    """One circuit for a reader; what is not known is not shown as a figure."""
    shares = (("failed", view.failed_ratio), ("slow", view.slow_ratio))
    known = [f"{share:.1%} {what}" for what, share in shares if share is not None]
    p95 = [] if view.p95_seconds is None else [f"p95 {view.p95_seconds * 1000:.0f} ms"]
    return [
        f"{view.title} ({view.name}) is {view.state.replace('_', '-')}"
        + (f" since {view.since:%Y-%m-%d %H:%M:%S} UTC." if view.since else "."),
        f"Calls in the last {view.window_seconds:.0f} s: {', '.join([str(view.calls), *known, *p95])}.",
        _held(view.override),
        f"{view.applied[0]} of {view.applied[1]} processes have this.",
        *_around(view),
    ]


def _held(override: OrderRecord | None) -> str:
    if override is None or not _holds(override):
        return "No operator holds it."
    until = f" until {override.expires_at:%Y-%m-%d %H:%M:%S} UTC" if override.expires_at else ""
    return f"{_HELD[override.kind]} by {override.actor_name}{until}: {override.reason}"


def _holds(override: OrderRecord | None) -> bool:
    return override is not None and override.kind in _HELD


def _around(view: CircuitView) -> list[str]:
    """What else there is to say, if there is."""
    said = []
    if view.policy.source == "operator" and view.policy.since:
        said.append(f"Its policy was changed by {view.policy.actor_name}, {view.policy.since:%Y-%m-%d %H:%M:%S} UTC: {view.policy.reason}")
    if view.fault and view.fault.body and view.fault.expires_at:
        said.append(f"A fault is injected by {view.fault.actor_name} until {view.fault.expires_at:%Y-%m-%d %H:%M:%S} UTC.")
    if view.answered:
        said.append("Answers came from: " + ", ".join(f"{source} {share:.1%}" for source, share in view.answered.items()) + ".")
    return said
