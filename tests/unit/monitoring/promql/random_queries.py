"""Queries put together by chance from all of the grammar, and series to ask them of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from backend.monitoring.promql.functions.registry import FUNCTIONS
from backend.monitoring.promql.samples import STALE
from tests.support.samples import MemorySamples

_ODD = (math.nan, math.inf, -math.inf, STALE, 0.0, -0.0)
_RANGES = sorted(name for name, function in FUNCTIONS.items() if function.kind == "range")
_PARAMETERS = {"quantile_over_time": "s,r", "predict_linear": "r,s", "double_exponential_smoothing": "r,s,s"}


def odd_samples(chance: Random, series_per_block: int) -> MemorySamples:
    """Gaps, markers, infinities and NaN; the same for the same chance."""
    samples = MemorySamples(series_per_block)
    for name in ("a", "b_total", "c_bucket", "target_info"):
        for number in range(6):
            labels = {
                "__name__": name,
                "instance": str(number % 3),
                "job": f"j{number % 2}",
                "le": chance.choice(["0.1", "1", "+Inf", "x"]),
            }
            times = [place * 15_000 for place in range(60) if chance.random() > 0.3]
            samples.add(labels, [(at, chance.gauss(0, 10) if chance.random() > 0.1 else chance.choice(_ODD)) for at in times])
    return samples


@dataclass
class Queries:
    """``steady``: only what answers the same at an instant, whatever the range it is asked in."""

    chance: Random
    steady: bool = False

    def vector(self, depth: int) -> str:
        makers = (self._over_range, self._aggregation, self._with_scalar, self._of_two, self._function, self._selector)
        return (self._selector if depth <= 0 else self.chance.choice(makers))(depth)

    def _selector(self, _depth: int) -> str:
        pick = self.chance.choice
        name = pick(["a", "b_total", "c_bucket", "nothing", '{__name__=~".+"}', 'a{le="x"}', '{job="j1"}', "target_info"])
        return name + self._moved() + pick(["", "", "", " smoothed"])

    def _moved(self) -> str:
        moving = [" offset 1m", " offset -1m", " @ 100", " @ -5"]
        return self.chance.choice(["", "", "", *moving, *([] if self.steady else [" @ start()", " @ end()", " offset (step() * 2)"])])

    def _window(self, depth: int) -> str:
        length = self.chance.choice(["15s", "1m", "5m", "2m * 2", "1h", "1ms"])
        if self.chance.random() < 0.3:
            return f"({self.vector(depth - 1)})[{length}:{self.chance.choice(['', '10s', '1m', '7s'])}]{self._moved()}"
        return f"{self.chance.choice(['a', 'b_total', 'c_bucket'])}[{length}]{self.chance.choice(['', '', ' anchored'])}{self._moved()}"

    def _scalar(self, depth: int) -> str:
        return self.chance.choice(["2", "0", "-1", "NaN", "Inf", "0.5", "time()", f"scalar({self.vector(depth - 1)})", "1e18", "pi()"])

    def _over_range(self, depth: int) -> str:
        name = self.chance.choice(_RANGES)
        words = [self._window(depth) if kind == "r" else self._scalar(depth) for kind in _PARAMETERS.get(name, "r").split(",")]
        return f"{name}({', '.join(words)})"

    def _aggregation(self, depth: int) -> str:
        by = self.chance.choice(["", " by (job)", " without (le)", " by (__name__)", " by (le, nothing)"])
        plain = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]
        name = self.chance.choice(
            [*plain, "quantile", "limit_ratio", "count_values", *([] if self.steady else ["topk", "bottomk", "limitk"])]
        )
        first = "" if name in plain else '"v", ' if name == "count_values" else f"{self._scalar(depth)}, "
        return f"{name}{by} ({first}{self.vector(depth - 1)})"

    def _with_scalar(self, depth: int) -> str:
        operator = self.chance.choice(["+", "-", "*", "/", "%", "^", "atan2", "==", "> bool", "<"])
        sides = [self.vector(depth - 1), self._scalar(depth)]
        self.chance.shuffle(sides)
        return f"({sides[0]} {operator} {sides[1]} + vector(0))"

    def _of_two(self, depth: int) -> str:
        operator = self.chance.choice(["+", "-", "/", ">", "== bool", "and", "or", "unless", "atan2"])
        matching = self.chance.choice(["", " on (job)", " on (instance, le)", " ignoring (le)", " on ()"])
        if operator not in ("and", "or", "unless"):
            matching += self.chance.choice(["", " group_left", " group_right (x)"]) if matching else ""
            matching += self.chance.choice(["", "", " fill(0)", " fill_right(-1) fill_left(2)"])
        return f"({self.vector(depth - 1)} {operator}{matching} {self.vector(depth - 1)})"

    def _function(self, depth: int) -> str:
        inner, scalar = self.vector(depth - 1), self._scalar(depth)
        return self.chance.choice(
            [
                f"-{inner}",
                f"absent({inner})",
                f"absent_over_time({self._window(depth)})",
                f"timestamp({inner})",
                f"vector({scalar})",
                f'info({inner}, {{le=~".+"}})',
                f'label_replace({inner}, "{self.chance.choice(["le", "__name__", "new"])}", "$1", "job", "(.*)")',
                f"histogram_quantile({scalar}, {inner})",
                f"histogram_fraction({scalar}, 1, {inner})",
                f"round({inner}, {scalar})",
                f"clamp({inner}, {scalar}, 3)",
                f"hour({inner})",
                f"sqrt({inner})",
            ]
        )
