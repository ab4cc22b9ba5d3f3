"""A panel's curves in numbers, and the pages that tell more of the same time. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backend.monitoring.dashboards.record import Panel
from backend.monitoring.dashboards.service import PanelAnswer
from backend.monitoring.dashboards.templating import names_in
from components import markup
from components.times import Watch
from components.views import panels, units
from components.wording import say


def rows(answer: PanelAnswer, watch: Watch) -> list[dict[str, str]]:
    """A row for each curve: the newest value, and least, mean and most over the span."""
    found = []
    for query, one in zip(answer.panel.queries, answer.asked, strict=True):
        unit = query.unit or answer.panel.unit
        for curve in one.result.curves if one.result else ():
            fine = curve.values[np.isfinite(curve.values)]
            at = panels.instant(int(curve.times[-1])) if len(curve.times) else None
            least, mean, most = (float(fine.min()), float(fine.mean()), float(fine.max())) if len(fine) else (None, None, None)
            now = float(curve.values[-1]) if at is not None and panels.is_current(at, one) else None
            found.append({
                "name": markup.text(panels.legend(query, curve.labels)),
                "now": units.words(now, unit),
                "least": units.words(least, unit),
                "mean": units.words(mean, unit),
                "most": units.words(most, unit),
                "last_seen": watch.bare(at) if at else "–",
            })  # fmt: skip
    return found


def ways(panel: Panel, values: Mapping[str, Sequence[str]]) -> list[tuple[str, str, dict[str, str]]]:
    """Title, page and parameters: the panel's own links, then logs, requests and audit where it has none of them."""
    own = [(link.title, link.page, _params(link.params, values)) for link in panel.links]
    chosen = {name: picked[0] for name, picked in values.items() if len(picked) == 1}
    route = {"route": chosen["route"]} if "route" in chosen else {}
    usual = [
        (say("traffic.logs"), "logs", route),
        (say("traffic.requests"), "requests", route),
        (say("traffic.audit"), "audit", {}),
    ]
    return [*own, *(one for one in usual if one[1] not in {page for _, page, _ in own})]


def _params(params: Mapping[str, str], values: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """With variables in their places; one of which not exactly one value is chosen is left out."""
    found = {}
    for name, text in params.items():
        variables = names_in(text)
        picked = {variable: values.get(variable, ()) for variable in variables}
        if all(len(one) == 1 for one in picked.values()):
            for variable, one in picked.items():
                text = text.replace(f"${variable}", one[0])
            found[name] = text
    return found
