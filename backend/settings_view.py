"""What pages and routes may know of the settings."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from backend.settings import ROOT, Settings


@dataclass(frozen=True)
class SettingsView:
    """No secret is among it."""

    version: str
    api_base: str
    console_base: str
    trusted_proxy: str
    demo: bool
    geocoder_configured: bool
    source_url: str
    zoneinfo_dir: Path


def view_of(settings: Settings, running: str) -> SettingsView:
    return SettingsView(
        version=running,
        api_base=settings.api_base,
        console_base=settings.console_base,
        trusted_proxy=settings.trusted_proxy,
        demo=settings.demo,
        geocoder_configured=bool(settings.geocoder_url),
        source_url=settings.source_url,
        zoneinfo_dir=settings.zoneinfo_dir,
    )


def version() -> str:
    """The version that the project file names."""
    project: dict[str, dict[str, str]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return project["project"]["version"]
