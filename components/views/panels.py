"""A panel in words and curves: its newest value against limit and earlier, what is missing, and what is drawn. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backend.answer import Empty, Failed, Stale
from backend.monitoring.dashboards.asking import Asked
from backend.monitoring.dashboards.record import Panel, Query
from backend.monitoring.dashboards.service import PanelAnswer
from backend.monitoring.promql.labels import NAME, Labels
from backend.monitoring.promql.result import Curve
from components import markup
from components.colours import DIRECTIVE
from components.times import Watch
from components.views import curves, units
from components.views.curves import Line
from components.wording import say

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_]*)\}")
_WIDTHS = {"bold": 1.8, "thin": 1.0, "band": 1.0}
MOST_HEADLINES = 3


@dataclass(frozen=True)
class Trouble:
    """Why a panel is not, or not wholly, what it should be: a kind of state, its word, and a sentence (markdown)."""

    kind: str
    word: str
    detail: str
    is_all: bool  # there is nothing else to show


@dataclass(frozen=True)
class Newest:
    """The last value of one curve, and whether it belongs to the end of the span."""

    name: str
    value: float | None
    at: datetime | None
    is_current: bool


def trouble(answer: PanelAnswer, watch: Watch) -> Trouble | None:
    """The gravest first: a query that is wrong, a source that failed, values that are old, nothing at all."""
    wrong = [one for one in answer.asked if one.problem is not None]
    if wrong and wrong[0].problem is not None:
        return Trouble("bad", say("traffic.wrong"), markup.sentence(wrong[0].problem.detail), len(wrong) == len(answer.asked))
    failed = [one for one in answer.asked if isinstance(one.reading, Failed)]
    if failed:
        return _failed(failed[0], len(failed) == len(answer.asked), watch)
    for one in answer.asked:
        if isinstance(one.reading, Stale):
            words = say("traffic.stale", at=watch.exact(one.reading.at), why=markup.sentence(one.reading.why))
            return Trouble("neutral", say("traffic.stale_word"), words, is_all=False)
    return _missing(answer, watch)


def _failed(one: Asked, is_all: bool, watch: Watch) -> Trouble:
    reading = one.reading
    assert isinstance(reading, Failed)
    last = say("traffic.last_good", at=watch.exact(reading.last_good)) if reading.last_good else ""
    return Trouble("bad", say("traffic.failed"), f"{markup.sentence(reading.why)} {last}".strip(), is_all)


def _missing(answer: PanelAnswer, watch: Watch) -> Trouble | None:
    """No sample in the whole span, or none at its end."""
    at = newest_at(answer)
    if at is None:
        return Trouble("neutral", say("traffic.no_data"), _never(answer, watch), is_all=True)
    if not is_current(at, answer.asked[0]):
        return Trouble("neutral", say("traffic.no_data_since", at=watch.clock(at)), "", is_all=False)
    return None


def _never(answer: PanelAnswer, watch: Watch) -> str:
    one = answer.asked[0]
    since = max((each.reading.since for each in answer.asked if isinstance(each.reading, Empty) and each.reading.since), default=None)
    known = say("traffic.empty_since", at=watch.clock(since)) if since else ""
    return f"{say('traffic.empty', start=watch.bare(one.start, '%H:%M'), end=watch.clock(one.end))} {known}".strip()


def newest_at(answer: PanelAnswer) -> datetime | None:
    """When the newest sample of all is."""
    found = [int(curve.times[-1]) for one in answer.asked if one.result for curve in one.result.curves if len(curve.times)]
    return instant(max(found)) if found else None


def is_current(at: datetime, asked: Asked) -> bool:
    return asked.end - at <= timedelta(seconds=curves.GAP_STEPS * asked.step_seconds)


def headline(answer: PanelAnswer, sample: Callable[[Line], str]) -> str:
    """What stands beside the title: the newest values with their change and limit, as far as there are few.

    ``sample`` draws how a line looks, so that several are told apart without a legend of their own.
    """
    found = newest(answer)
    panel = answer.panel
    if found and panel.kind == "stat":  # its value is the card
        return f":small[{_limit_words(panel, shown(found[0]))}]" if panel.threshold else ""
    if not found or len(found) > MOST_HEADLINES or panel.kind != "lines":
        return markup.soft(markup.text(panel.note)) if panel.note else ""
    if len(found) == 1:
        return _single(answer, found[0])
    drawn = [line for line in lines(answer)[0] if line.dash != "dot" or line.tone != "neutral"]
    words = [
        f"{sample(line)} :gray[{markup.text(one.name)}] **{units.words(shown(one), panel.unit)}**"
        for line, one in zip(drawn, found, strict=True)
    ]
    limit = _limit_words(panel, max((one.value for one in found if one.is_current and one.value is not None), default=None))
    joined = "\u2002".join(words)
    return f":small[{joined}{limit}]"


def _single(answer: PanelAnswer, one: Newest) -> str:
    panel = answer.panel
    value = f"**{units.words(shown(one), panel.unit)}**"
    by = units.change(shown(one), before(answer), panel.unit)
    soft = "".join(f"\u2002:gray[{words}]" for words in (markup.text(panel.note), by) if words)
    return f":small[{value}{soft}{_limit_words(panel, shown(one))}]"


def shown(one: Newest) -> float | None:
    """An old value is not the present one."""
    return one.value if one.is_current else None


def _limit_words(panel: Panel, value: float | None) -> str:
    limit = panel.threshold
    if limit is None:
        return ""
    tone, words = limit.tone(value), units.words(limit.watch, panel.unit)
    if tone in {"watch", "bad"}:
        return f"\u2002:{DIRECTIVE[tone]}[{say('traffic.over' if limit.worse == 'above' else 'traffic.under', limit=words)}]"
    return f"\u2002:gray[{say('traffic.limit', limit=words)}]"


def newest(answer: PanelAnswer) -> list[Newest]:
    """The last value of each curve, in the order of the queries."""
    found = []
    for query, one in zip(answer.panel.queries, answer.asked, strict=True):
        for curve in one.result.curves if one.result else ():
            at = instant(int(curve.times[-1])) if len(curve.times) else None
            is_now = at is not None and is_current(at, one)
            found.append(Newest(legend(query, curve.labels), curves.last(curve.values), at, is_now))
    return found


def before(answer: PanelAnswer) -> float | None:
    """The value at the same time before; None where it is not known, or there are several curves."""
    found = answer.previous[0] if answer.previous else None
    if found is None or found.result is None or len(found.result.curves) != 1:
        return None
    curve = found.result.curves[0]
    at = instant(int(curve.times[-1])) if len(curve.times) else None
    return curves.last(curve.values) if at is not None and is_current(at, found) else None


def lines(answer: PanelAnswer) -> tuple[list[Line], int]:
    """What is drawn: the earlier time dotted and below, then the curves; and how many are left out as there are too many."""
    panel = answer.panel
    named = [
        (query, [(legend(query, curve.labels), curve) for curve in one.result.curves])
        for query, one in zip(panel.queries, answer.asked, strict=True)
        if one.result
    ]
    earlier = _earlier(answer)
    several = sum(len(found) for _, found in named) > len(panel.queries)
    if several:
        chosen, left = _fewer([pair for _, found in named for pair in found], panel)
        return [*earlier, *curves.told_apart(chosen)], left
    return [*earlier, *(_styled(query, *pair) for query, found in named for pair in found)], 0


def _fewer(named: Sequence[tuple[str, Curve]], panel: Panel) -> tuple[list[tuple[str, Curve]], int]:
    return curves.largest(named, rest=say("traffic.others") if panel.unit in units.ADDITIVE else "")


def _styled(query: Query, name: str, curve: Curve) -> Line:
    return Line(name, curve.times, curve.values, query.tone or "info", _WIDTHS[query.style], filled=query.style == "band")


def _earlier(answer: PanelAnswer) -> list[Line]:
    """Only of the first query, and only where it is one curve: two dotted lines would be told apart by nothing."""
    if not answer.previous or answer.previous[0].result is None or len(answer.previous[0].result.curves) != 1:
        return []
    curve, asked = answer.previous[0].result.curves[0], answer.previous[0]
    line = Line(say("traffic.before"), curve.times, curve.values, "neutral", 1.2, "dot")
    return [curves.moved(line, round((answer.asked[0].end - asked.end) / timedelta(milliseconds=1)))]


def legend(query: Query, labels: Labels) -> str:
    """The name of a curve: the query's words with labels' values in their places, else all its labels."""
    values = dict(labels)
    if query.legend:
        return _PLACE.sub(lambda found: values.get(found[1]) or "–", query.legend)
    return ", ".join(value for name, value in labels if name != NAME) or values.get(NAME, say("traffic.curve"))


def instant(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
