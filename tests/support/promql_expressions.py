"""Expressions of PromQL made by chance, out of what Prometheus 2.42 and 3.x answer alike, and the samples they are asked of.

The versions differ where a sample lies on the edge of a window, so no sample's time is a whole second and no query's moment is a
multiple of a subquery's step; counters stay far from zero, as extrapolation towards it changed; names are not grouped by;
what is drawn with equal values is not ranked.
"""

from __future__ import annotations

from random import Random

import numpy as np

from backend.monitoring.embedded.records import Series
from backend.monitoring.promql.labels import NAME, labels_of
from backend.monitoring.promql.samples import STALE

BASE = 1_700_000_400  # unix seconds, a multiple of 300
SPAN = 3600  # seconds that have samples
EVERY = 15
QUERY_OFFSET = 17  # seconds after a whole minute
_JOBS, _HOSTS = ("api", "worker", "console"), ("a", "b", "c", "d")
_BOUNDS = ("0.1", "0.5", "1", "2.5", "+Inf")


def samples(random: Random) -> list[Series]:
    """Counters that go back now and then, gauges, classic histograms, one series an ``info`` for each job; with gaps and ends."""
    found = []
    for job in _JOBS:
        found.append(_series({NAME: "build_info", "job": job, "version": f"1.{len(job)}"}, random, lambda n: np.ones(n)))
        for host in _HOSTS:
            labels = {"job": job, "host": host}
            found.append(_series({NAME: "requests_total", **labels}, random, lambda n: _counter(n, random)))
            found.append(_series({NAME: "temperature", **labels}, random, lambda n: _gauge(n, random)))
            found.append(_series({NAME: "load", **labels}, random, lambda n: _gauge(n, random, 0.5)))
            found += _histogram({NAME: "seconds_bucket", **labels}, random)
    return found


def _series(labels: dict[str, str], random: Random, values: object, gaps: float = 0.05) -> Series:
    times = _times(random)
    made = np.asarray(values(len(times)), dtype=np.float64)  # type: ignore[operator]
    kept = np.array([random.random() >= gaps for _ in times])
    if random.random() < 0.2:  # it ends for a while
        begins = random.randrange(len(times) // 2)
        kept[begins : begins + 30] = False
        kept[begins] = True
        made[begins] = STALE
    return Series(labels_of(labels), times[kept], made[kept])


def _times(random: Random) -> np.ndarray:
    """Jittered, in ms, and never a whole second."""
    count = SPAN // EVERY
    return np.array([(BASE + step * EVERY) * 1000 + random.randrange(200, 900) for step in range(count)], dtype=np.int64)


def _counter(count: int, random: Random) -> np.ndarray:
    value, found = 1e6 + random.random() * 1e5, []
    for _ in range(count):
        value += random.choice((0.0, 1.0, 2.5, random.random() * 40))
        if random.random() < 0.01:
            value *= 0.6
        found.append(value)
    return np.array(found)


def _gauge(count: int, random: Random, scale: float = 20.0) -> np.ndarray:
    value, found = scale * (1 + random.random()), []
    for _ in range(count):
        value += random.gauss(0, scale / 20)
        found.append(value)
    return np.array(found)


def _histogram(labels: dict[str, str], random: Random) -> list[Series]:
    times = _times(random)
    steps = np.array([[random.randrange(0, 9) for _ in _BOUNDS] for _ in times], dtype=np.float64)
    counts = np.cumsum(np.cumsum(steps, axis=1), axis=0) + np.arange(1, len(_BOUNDS) + 1) * 1e5
    return [Series(labels_of({**labels, "le": bound}), times, counts[:, place]) for place, bound in enumerate(_BOUNDS)]


class Expressions:
    """Makes one expression after the other."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def one(self, depth: int = 3) -> str:
        return self._vector(depth)

    def _pick(self, *choices: str) -> str:
        return self._random.choice(choices)

    def _vector(self, depth: int) -> str:
        if depth <= 0:
            return self._selector()
        made = self._random.choice(
            (
                self._rated,
                self._over_time,
                self._called,
                self._aggregated,
                self._with_scalar,
                self._joined,
                self._moved,
                self._set,
                self._special,
            )
        )
        return made(depth - 1)

    def _selector(self, name: str = "") -> str:
        name = name or self._pick("requests_total", "temperature", "load", "build_info")
        return name + self._matchers() + self._shift()

    def _matchers(self) -> str:
        return self._pick(
            "", "", '{job="api"}', '{job!="api"}', '{job=~"a.*|w.+"}', '{job!~"con.*"}', '{job="api",job=~".+"}', '{job="nobody"}'
        )

    def _shift(self) -> str:
        return self._pick("", "", "", "", " offset 2m", " offset -1m", f" @ {BASE + 1817}", " @ start()", " @ end()", " offset 90s")

    def _range(self) -> str:
        return self._pick("1m", "2m", "5m", "7m", "10m", "90s")

    def _rated(self, depth: int) -> str:
        name = self._pick("rate", "increase", "irate", "resets", "changes")
        return f"{name}(requests_total{self._matchers()}[{self._range()}]{self._shift()})"

    def _over_time(self, depth: int) -> str:
        name = self._pick(*_OVER_TIME)
        inside = f"{self._pick('temperature', 'load')}{self._matchers()}[{self._range()}]{self._shift()}"
        if depth > 0 and name != "deriv" and self._random.random() < 0.35:
            inside = f"({self._vector(depth - 1)})[{self._pick('5m', '8m')}:{self._pick('30s', '1m', '2m')}]"
        if name == "quantile_over_time":
            return f"quantile_over_time({self._pick('0.5', '0.9', '0', '1', '-1', '2')}, {inside})"
        if name == "predict_linear":  # without @, with which 2.42 moves the window
            return f"predict_linear({self._pick('temperature', 'load')}{self._matchers()}[{self._range()}], 600)"
        return f"{name}({inside})"

    def _called(self, depth: int) -> str:
        name, inside = self._pick(*_FUNCTIONS), self._vector(depth)
        if name in _TOUCHY:  # a last digit of a large argument is a first one of the result
            return f"{name}({self._selector('load')})"
        match name:
            case "round":
                return f"round({inside}, {self._pick('0.1', '5', '1')})"
            case "clamp":
                return f"clamp({inside}, 10, 25)"
            case "clamp_min" | "clamp_max":
                return f"{name}({inside}, {self._pick('20', '0.6')})"
        return f"{name}({inside})"

    def _aggregated(self, depth: int) -> str:
        by = self._pick("", " by (job)", " by (host)", " without (host)", " by (job, host)", " without (job)", " by (nothing)")
        name = self._pick(*_AGGREGATIONS)
        if name in ("topk", "bottomk"):  # of what has no two equal values, as their order is nobody's promise
            return f"{name}{by} (2, {self._pick('temperature', 'load')}{self._matchers()})"
        if name == "stdvar" or name == "stddev":  # of what spreads about as much as it is large
            return f"{name}{by} ({self._pick('temperature', 'load')}{self._matchers()}{self._shift()})"
        return f"{name}{by} ({'0.75, ' if name == 'quantile' else ''}{self._vector(depth)})"

    def _with_scalar(self, depth: int) -> str:
        sign, number = self._pick(*_ARITHMETIC, *_COMPARISONS), self._pick("2", "0.5", "20", "1e3", "-3", "time()", "scalar(build_info)")
        as_bool = " bool" if sign in _COMPARISONS and self._random.random() < 0.5 else ""
        sides = [f"({self._vector(depth)})", f"({number})"]
        self._random.shuffle(sides)
        return f"{sides[0]} {sign}{as_bool} {sides[1]}"

    def _joined(self, depth: int) -> str:
        sign = self._pick(*_ARITHMETIC, *_COMPARISONS)
        left, right = f"temperature{self._matchers()}", f"load{self._matchers()}"
        if self._random.random() < 0.4:
            return f"{left} {sign} on (job) group_left ({self._pick('', 'version')}) build_info"
        return f"{left} {sign} {self._pick('', 'on (job, host) ', 'ignoring (version) ')}{right}"

    def _moved(self, depth: int) -> str:
        inside = self._vector(depth)
        return self._pick(
            f'label_replace({inside}, "to", "$1-x", "job", "(.).*")',
            f'label_join({inside}, "both", "/", "job", "host")',
            f"-({inside})",
            f"+({inside})",
        )

    def _set(self, depth: int) -> str:
        word, on = self._pick("and", "or", "unless"), self._pick("", "on (job) ", "ignoring (host) ")
        return f"({self._vector(depth)}) {word} {on}({self._vector(depth)})"

    def _special(self, depth: int) -> str:
        buckets = f"seconds_bucket{self._matchers()}"
        return self._pick(
            f"histogram_quantile({self._pick('0.5', '0.95', '0.1')}, sum by (le, job) (rate({buckets}[5m])))",
            f"histogram_quantile(0.9, {buckets})",
            f"absent({self._selector()})",
            f"absent_over_time(temperature{self._matchers()}[5m])",
            f"vector({self._pick('1', 'time()', 'scalar(sum(temperature))')})",
            f"timestamp({self._selector()})",
            f'count_values("value", round(load{self._matchers()}))',
            f"{self._pick('minute', 'hour', 'day_of_week', 'days_in_month', 'month')}(timestamp({self._selector()}))",
        )


_OVER_TIME = (
    "avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "count_over_time", "quantile_over_time", "stddev_over_time",
    "stdvar_over_time", "last_over_time", "present_over_time", "delta", "idelta", "deriv", "predict_linear",
)  # fmt: skip
_FUNCTIONS = ("abs", "ceil", "floor", "round", "exp", "ln", "log2", "log10", "sqrt", "sgn", "clamp", "clamp_min", "clamp_max", "sin", "cos",
              "tan", "atan", "sinh", "deg", "rad", "sort", "sort_desc")  # fmt: skip
_TOUCHY = frozenset({"exp", "sin", "cos", "tan", "sinh"})
_AGGREGATIONS = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile", "topk", "bottomk")
_ARITHMETIC = ("+", "-", "*", "/", "%", "^")
_COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
