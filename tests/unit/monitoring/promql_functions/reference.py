"""The functions over ranges once more, sample by sample in plain Python, to compare with what is done on whole arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import compress, pairwise

import numpy as np

from backend.monitoring.promql.samples import Block

Window = Sequence[tuple[int, float]]  # (ms, value)
Made = float | None  # None: no sample
Reference = Callable[..., Made]  # (window, end_ms, range_ms, at_ms, *parameters)


def windows_in(block: Block, ends: Sequence[int], range_ms: int) -> list[list[Window]]:
    """By series and step."""
    windows = []
    for row in range(len(block.labels)):
        samples = list(zip(block.times.tolist(), block.values[row].tolist(), strict=True))
        if block.present is not None:
            samples = list(compress(samples, block.present[row].tolist()))
        windows.append([[pair for pair in samples if end - range_ms < pair[0] <= end] for end in ends])
    return windows


def evaluated(function: Reference, windows: list[list[Window]], ends: Sequence[int], range_ms: int, *parameters: float) -> list[list[Made]]:
    """By series and step; the step's own time is its end."""
    return [
        [function(window, end, range_ms, end, *parameters) if window else None for window, end in zip(row, ends, strict=True)]
        for row in windows
    ]


def values(window: Window) -> list[float]:
    return [value for _, value in window]


def neumaier(terms: Sequence[float]) -> tuple[float, float]:
    total, lost = 0.0, 0.0
    for term in terms:
        grown = total + term
        if math.isinf(grown):
            lost = 0.0
        elif abs(total) >= abs(term):
            lost += (total - grown) + term
        else:
            lost += (term - grown) + total
        total = grown
    return total, lost


def sum_of(window: Window, *_: float) -> Made:
    total, lost = neumaier(values(window))
    return total if math.isinf(total) else total + lost


def mean_of(window: Window, *_: float) -> Made:
    numbers = values(window)
    total, lost = neumaier(numbers)
    if math.isinf(total) and all(math.isfinite(number) for number in numbers):
        return math.fsum(number / len(numbers) for number in numbers)
    return total if math.isinf(total) else total / len(numbers) + lost / len(numbers)


def _extreme(window: Window, better: Callable[[float, float], bool]) -> tuple[int, float]:
    when, best = window[0]
    for moment, value in window[1:]:
        if better(value, best) or math.isnan(best):
            when, best = moment, value
    return when, best


def least(window: Window, *_: float) -> Made:
    return _extreme(window, lambda value, best: value < best)[1]


def most(window: Window, *_: float) -> Made:
    return _extreme(window, lambda value, best: value > best)[1]


def time_of_least(window: Window, *_: float) -> Made:
    return _extreme(window, lambda value, best: value <= best)[0] / 1000


def time_of_most(window: Window, *_: float) -> Made:
    return _extreme(window, lambda value, best: value >= best)[0] / 1000


def variance(window: Window, *_: float) -> Made:
    mean, mean_lost, squares, squares_lost = 0.0, 0.0, 0.0, 0.0
    for place, value in enumerate(values(window), 1):
        apart = value - (mean + mean_lost)
        mean, mean_lost = _plus(apart / place, mean, mean_lost)
        squares, squares_lost = _plus(apart * (value - (mean + mean_lost)), squares, squares_lost)
    return (squares + squares_lost) / len(window)


def _plus(term: float, total: float, lost: float) -> tuple[float, float]:
    grown = total + term
    if math.isinf(grown):
        return grown, 0.0
    return grown, lost + ((total - grown) + term if abs(total) >= abs(term) else (term - grown) + total)


def deviation(window: Window, *_: float) -> Made:
    found = variance(window)
    return None if found is None else math.sqrt(found)


def _quantile(numbers: Sequence[float], phi: float) -> float:
    if math.isnan(phi):
        return math.nan
    if not 0 <= phi <= 1:
        return math.copysign(math.inf, phi)
    ordered = sorted(numbers, key=lambda number: (not math.isnan(number), number))
    rank = phi * (len(ordered) - 1)
    lower = math.floor(rank)
    upper = min(len(ordered) - 1, lower + 1)
    return ordered[lower] * (1 - (rank - lower)) + ordered[upper] * (rank - lower)


def quantile(window: Window, _end: int, _range: int, _at: int, phi: float) -> Made:
    return _quantile(values(window), phi)


def median_deviation(window: Window, *_: float) -> Made:
    middle = _quantile(values(window), 0.5)
    return _quantile([abs(value - middle) for value in values(window)], 0.5)


def changes(window: Window, *_: float) -> Made:
    numbers = values(window)
    return float(sum(now != before and not (math.isnan(now) and math.isnan(before)) for before, now in pairwise(numbers)))


def resets(window: Window, *_: float) -> Made:
    numbers = values(window)
    return float(sum(now < before for before, now in pairwise(numbers)))


def _carried_on(window: Window, end: int, range_ms: int, counter: bool) -> tuple[float, float] | None:
    """The change, and the factor that carries it to the edges."""
    if len(window) < 2:
        return None
    (begins, first), (finishes, last) = window[0], window[-1]
    change = last - first
    numbers = values(window)
    if counter:
        for before, now in pairwise(numbers):
            if now < before:
                change += before
    lasted = (finishes - begins) / 1000
    mean = lasted / (len(window) - 1)
    to_start, to_end = (begins - (end - range_ms)) / 1000, (end - finishes) / 1000
    to_start = mean / 2 if to_start >= mean * 1.1 else to_start
    to_end = mean / 2 if to_end >= mean * 1.1 else to_end
    if counter and change > 0 and first >= 0:
        to_start = min(to_start, lasted * (first / change))
    return change, (lasted + to_start + to_end) / lasted


def increase(window: Window, end: int, range_ms: int, *_: float) -> Made:
    found = _carried_on(window, end, range_ms, True)
    return None if found is None else found[0] * found[1]


def rate(window: Window, end: int, range_ms: int, *_: float) -> Made:
    found = _carried_on(window, end, range_ms, True)
    return None if found is None else found[0] * (found[1] / (range_ms / 1000))


def delta(window: Window, end: int, range_ms: int, *_: float) -> Made:
    found = _carried_on(window, end, range_ms, False)
    return None if found is None else found[0] * found[1]


def instant_rate(window: Window, *_: float) -> Made:
    if len(window) < 2:
        return None
    (earlier, before), (later, now) = window[-2:]
    return (now if now < before else now - before) / ((later - earlier) / 1000)


def instant_delta(window: Window, *_: float) -> Made:
    return window[-1][1] - window[-2][1] if len(window) > 1 else None


def _line(window: Window, origin: int) -> tuple[float, float]:
    numbers = values(window)
    if all(number == numbers[0] for number in numbers[1:]):
        return (math.nan, math.nan) if math.isinf(numbers[0]) else (0.0, numbers[0])
    x = [(moment - origin) / 1000 for moment, _ in window]
    sum_x, sum_y, sum_xy, sum_xx = (
        sum(neumaier(terms)) for terms in (x, numbers, [a * b for a, b in zip(x, numbers, strict=True)], [a * a for a in x])
    )
    count = len(window)
    slope = (sum_xy - sum_x * sum_y / count) / (sum_xx - sum_x * sum_x / count)
    return slope, sum_y / count - slope * sum_x / count


def derivative(window: Window, *_: float) -> Made:
    return _line(window, window[0][0])[0] if len(window) > 1 else None


def prediction(window: Window, _end: int, _range: int, at: int, ahead: float) -> Made:
    if len(window) < 2:
        return None
    slope, level = _line(window, at)
    return slope * ahead + level


def smoothed(window: Window, _end: int, _range: int, _at: int, smoothing: float, trend: float) -> Made:
    if len(window) < 2:
        return None
    numbers = values(window)
    before, level, slope = 0.0, numbers[0], numbers[1] - numbers[0]
    for place in range(1, len(numbers)):
        if place > 1:
            slope = trend * (level - before) + (1 - trend) * slope
        before, level = level, smoothing * numbers[place] + (1 - smoothing) * (level + slope)
    return level


REFERENCES: dict[str, Reference] = {
    "rate": rate,
    "increase": increase,
    "delta": delta,
    "irate": instant_rate,
    "idelta": instant_delta,
    "changes": changes,
    "resets": resets,
    "deriv": derivative,
    "predict_linear": prediction,
    "double_exponential_smoothing": smoothed,
    "quantile_over_time": quantile,
    "sum_over_time": sum_of,
    "avg_over_time": mean_of,
    "min_over_time": least,
    "max_over_time": most,
    "count_over_time": lambda window, *_: float(len(window)),
    "present_over_time": lambda _window, *_: 1.0,
    "stddev_over_time": deviation,
    "stdvar_over_time": variance,
    "mad_over_time": median_deviation,
    "ts_of_min_over_time": time_of_least,
    "ts_of_max_over_time": time_of_most,
    "ts_of_first_over_time": lambda window, *_: window[0][0] / 1000,
    "ts_of_last_over_time": lambda window, *_: window[-1][0] / 1000,
    "first_over_time": lambda window, *_: window[0][1],
    "last_over_time": lambda window, *_: window[-1][1],
}


def as_arrays(found: list[list[Made]]) -> tuple[np.ndarray, np.ndarray]:
    present = np.array([[value is not None for value in row] for row in found], dtype=bool)
    return np.array([[0.0 if value is None else value for value in row] for row in found]), present
