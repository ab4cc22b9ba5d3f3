"""Every technique by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.charts.events.techniques import TECHNIQUES as EVENTS
from backend.charts.relations.techniques import TECHNIQUES as RELATIONS
from backend.charts.technique import Technique

TECHNIQUES: Mapping[str, Technique[Any, Any]] = {technique.name: technique for technique in (*RELATIONS, *EVENTS)}
