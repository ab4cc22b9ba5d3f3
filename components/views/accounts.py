"""Operators, sessions, invitations and keys as rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from components import markup
from components.state import state
from components.times import Watch

_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chromium or Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iOS"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))


def agent_words(agent: str | None) -> str:
    """'Firefox on Linux', from what a browser says of itself."""
    text = agent or ""
    browser = next((name for mark, name in _BROWSERS if mark in text), "")
    system = next((name for mark, name in _SYSTEMS if mark in text), "")
    known = " on ".join(part for part in (browser, system) if part)
    return known or markup.text(markup.short(re.sub(r"\s+", " ", text), 40)) or "not told"


def operator_state(operator: Any) -> tuple[str, str]:
    return ("ok", "Enabled") if operator.disabled_at is None else ("held", "Disabled")


def operators(found: Sequence[Any], watch: Watch) -> list[dict[str, str]]:
    return [
        {
            "Name": f"**{markup.text(one.name)}**",
            "Role": one.role.value,
            "State": state(*operator_state(one)),
            "Last sign-in": f"{watch.ago(one.last_login_at)} ago" if one.last_login_at else "never",
            f"Since ({watch.name})": f":gray[{watch.bare(one.created_at, '%H:%M')}]",
        }
        for one in found
    ]


def sessions(found: Sequence[Any], own_id: str | None, watch: Watch) -> list[dict[str, str]]:
    return [
        {
            "Browser": agent_words(one.agent) + (" **(this one)**" if one.id == own_id else ""),
            "From": markup.text(one.address or "not told"),
            "Begun": f"{watch.ago(one.created_at)} ago",
            "Active": f"{watch.ago(one.last_active_at)} ago",
            f"Ends ({watch.name})": f":gray[{watch.bare(one.expires_at, '%H:%M')}]",
        }
        for one in found
    ]


def invitations(found: Sequence[Any], watch: Watch) -> list[dict[str, str]]:
    return [
        {
            "Name": f"**{markup.text(one.name)}**",
            "Role": one.role.value,
            "State": state("pending", "Waiting"),
            "Lapses": f"in {watch.until(one.expires_at)}",
        }
        for one in found
    ]


def key_state(key: Any, watch: Watch) -> tuple[str, str]:
    if key.revoked_at is not None:
        return "held", "Revoked"
    return ("neutral", "Expired") if key.expires_at and key.expires_at <= watch.now else ("ok", "Valid")


def keys(found: Sequence[Any], watch: Watch) -> list[dict[str, str]]:
    return [
        {
            "Name": f"**{markup.text(one.name)}**",
            "Begins with": markup.code(one.prefix),
            "Scopes": markup.text(", ".join(one.scopes)),
            "State": state(*key_state(one, watch)),
            "Made": f"{watch.ago(one.created_at)} ago",
        }
        for one in found
    ]
