"""The same dashboards as Grafana's JSON (https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/).

Queries and variables need no change, as our files write them as Grafana does; links to the console's own pages are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backend.monitoring.dashboards.record import Dashboard, Panel, Query, Threshold

SCHEMA_VERSION = 39
SOURCE = {"type": "prometheus", "uid": "${source}"}
_UNITS = {
    "ratio": "percentunit", "per_second": "reqps", "seconds": "s", "bytes": "bytes", "bytes_per_second": "Bps", "cores": "none",
    "count": "short", "none": "none",
}  # fmt: skip
_KINDS = {"lines": "timeseries", "heat": "heatmap", "stat": "stat", "table": "table", "states": "state-timeline"}
_COLOURS = {"ok": "#006D77", "bad": "#7F1D1D", "watch": "#946000", "held": "#5B3FA0", "info": "#0B5CAD", "neutral": "#56606B"}
_TINTED_AS = {"pending": "watch", "bypassed": "held"}
_PLACE = re.compile(r"\{(\w+)\}")
_WIDTH, _HEIGHT = 12, 8


def grafana(board: Dashboard) -> dict[str, Any]:
    """One dashboard, ready for import; it asks for the Prometheus to read when it is opened."""
    return {
        "uid": f"astrolabe-{board.name}",
        "title": f"Astrolabe: {board.title}",
        "description": board.about,
        "tags": ["astrolabe"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "utc",
        "refresh": f"{board.refresh_seconds}s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [_source(), *(_variable(one) for one in board.variables)]},
        "panels": [_panel(panel, number) for number, panel in enumerate(board.panels)],
        "annotations": {"list": []},
        "links": [],
    }


def _source() -> dict[str, Any]:
    return {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus", "current": {}, "hide": 0}


def _variable(one: Any) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.title,
        "type": "query",
        "datasource": SOURCE,
        "definition": f"label_values({one.metric}, {one.label})",
        "query": {"query": f"label_values({one.metric}, {one.label})", "refId": "values"},
        "multi": one.multi,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
        "refresh": 2,
        "sort": 1,
    }


def _panel(panel: Panel, number: int) -> dict[str, Any]:
    targets = [_target(panel, query, place) for place, query in enumerate(panel.queries)]
    return {
        "id": number + 1,
        "title": panel.title,
        "description": panel.about,
        "type": _KINDS[panel.kind],
        "datasource": SOURCE,
        "gridPos": {"x": _WIDTH * (number % 2), "y": _HEIGHT * (number // 2), "w": _WIDTH, "h": _HEIGHT},
        "targets": targets,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": _overrides(panel)},
        "options": _options(panel),
        **({"transformations": _joined(panel)} if panel.kind == "table" else {}),
    }


def _target(panel: Panel, query: Query, place: int) -> dict[str, Any]:
    target: dict[str, Any] = {
        "refId": chr(ord("A") + place),
        "datasource": SOURCE,
        "expr": _numbered(panel, query.expr) if panel.state_label else query.expr,
        "legendFormat": _legend(panel, query),
        "range": panel.kind != "table",
        "instant": panel.kind == "table",
    }
    if panel.kind in {"heat", "table"}:
        target["format"] = "heatmap" if panel.kind == "heat" else "table"
    return target


def _numbered(panel: Panel, expr: str) -> str:
    """A number for each state, as a timeline of Grafana's maps values and not labels; where several hold, the later in the file."""
    numbers = " or ".join(
        f'label_replace(vector({number}), "{panel.state_label}", "{state}", "", "")' for number, state in enumerate(panel.meanings)
    )
    return f"max by ({panel.rows}) (({expr}) * on ({panel.state_label}) group_left () ({numbers}))"


def _legend(panel: Panel, query: Query) -> str:
    """Of states, the name of the row alone: the state is the value."""
    return f"{{{{{panel.rows}}}}}" if panel.kind == "states" else _PLACE.sub(r"{{\1}}", query.legend)


def _defaults(panel: Panel) -> dict[str, Any]:
    found: dict[str, Any] = {"unit": _UNITS[panel.unit], "custom": {"spanNulls": False, "insertNulls": False}}
    if panel.threshold is not None:
        found["thresholds"] = _thresholds(panel.threshold)
        if panel.kind == "lines":
            found["custom"]["thresholdsStyle"] = {"mode": "dashed"}
    if panel.kind == "lines" and panel.bottom is not None:
        found["min"] = panel.bottom
    if panel.top is not None:
        found["max"] = panel.top
    if panel.kind == "states":
        found["mappings"] = [_mapping(panel)]
    return found


def _thresholds(limit: Threshold) -> dict[str, Any]:
    """Steps from below; what gets worse downwards begins with the worst."""
    bad = limit.bad
    if limit.worse == "above":
        steps = [(None, "ok"), (limit.watch, "watch"), *([(bad, "bad")] if bad is not None else [])]
    else:
        steps = [(None, "bad" if bad is not None else "watch"), *([(bad, "watch")] if bad is not None else []), (limit.watch, "ok")]
    return {"mode": "absolute", "steps": [{"value": value, "color": _COLOURS[tone]} for value, tone in steps]}


def _mapping(panel: Panel) -> dict[str, Any]:
    options = {
        (str(place) if panel.state_label else state): {
            "text": meaning.word,
            "color": _COLOURS[_TINTED_AS.get(meaning.kind, meaning.kind)],
            "index": place,
        }
        for place, (state, meaning) in enumerate(panel.meanings.items())
    }
    return {"type": "value", "options": options}


def _overrides(panel: Panel) -> list[dict[str, Any]]:
    """What single curves, or columns of a table, have of their own."""
    found = []
    for place, query in enumerate(panel.queries):
        properties: list[Mapping[str, Any]] = []
        if query.unit:
            properties.append({"id": "unit", "value": _UNITS[query.unit]})
        if query.threshold:
            properties.append({"id": "thresholds", "value": _thresholds(query.threshold)})
        if query.tone and panel.kind == "lines":
            properties.append({"id": "color", "value": {"mode": "fixed", "fixedColor": _COLOURS[query.tone]}})
        if query.style == "band" and place:
            properties.append({"id": "custom.fillBelowTo", "value": panel.queries[place - 1].legend})
        if properties:
            by = (
                {"id": "byFrameRefID", "options": chr(ord("A") + place)}
                if panel.kind != "table"
                else {"id": "byName", "options": query.legend}
            )
            found.append({"matcher": by, "properties": properties})
    return found


def _options(panel: Panel) -> dict[str, Any]:
    if panel.kind == "heat":
        return {"calculate": False, "yAxis": {"unit": "s"}, "color": {"scheme": "Blues", "mode": "scheme", "steps": 64}}
    if panel.kind == "states":
        return {"showValue": "auto", "rowHeight": 0.8, "mergeValues": True}
    if panel.kind == "stat":
        return {"graphMode": "area", "reduceOptions": {"calcs": ["lastNotNull"]}}
    if panel.kind == "lines":
        return {"legend": {"showLegend": True, "displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
    return {}


def _joined(panel: Panel) -> list[dict[str, Any]]:
    """The queries of a table as columns of one, by the label of its rows."""
    names = {f"Value #{chr(ord('A') + place)}": query.legend for place, query in enumerate(panel.queries)}
    hidden = {f"Time {place + 1}": True for place in range(len(panel.queries))} | {"Time": True}
    return [
        {"id": "joinByField", "options": {"byField": panel.rows, "mode": "outer"}},
        {"id": "organize", "options": {"renameByName": names, "excludeByName": hidden}},
    ]
