"""The list of the processes on this host, for a Prometheus that finds its targets in files (``file_sd_configs``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from backend.monitoring.records import Instance


class TargetFile:
    """Written whole, and only when it changes. Readable by the group, since a Prometheus is another user; it holds ports alone."""

    def __init__(self, path: Path, host: str, instances: Callable[[], Sequence[Instance]]) -> None:
        self._path = path
        self._host = host
        self._instances = instances
        self._written = b""

    def tell(self) -> bool:
        """Whether it was written anew. (A job.)"""
        live = [instance for instance in self._instances() if instance.operations_url and instance.host == self._host]
        told = orjson.dumps(targets(live), option=orjson.OPT_INDENT_2)
        if told == self._written and self._path.exists():
            return False
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        draft.write_bytes(told)
        draft.chmod(0o640)
        draft.replace(self._path)
        self._written = told
        return True


def targets(instances: Sequence[Instance]) -> list[dict[str, Any]]:
    """One entry a role; the job is the role, as in the embedded store."""
    places: dict[str, list[str]] = {}
    for instance in instances:
        places.setdefault(instance.role, []).append(urlsplit(instance.operations_url or "").netloc)
    return [{"targets": sorted(found), "labels": {"job": role}} for role, found in sorted(places.items())]
