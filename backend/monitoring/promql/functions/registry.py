"""The functions of PromQL 3.x, experimental ones among them; those of native histograms find nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backend.monitoring.promql.functions import buckets, dates, element_wise, labelling, over_time, rates, trends
from backend.monitoring.promql.functions.registry_types import Function, Note
from backend.monitoring.promql.functions.windows import Answer
from backend.monitoring.promql.samples import Values

__all__ = ["FUNCTIONS", "Function", "Note"]

_RANGES: dict[str, Callable[..., Answer]] = {
    "rate": rates.rate,
    "increase": rates.increase,
    "delta": rates.delta,
    "irate": rates.instant_rate,
    "idelta": rates.instant_delta,
    "changes": rates.changes,
    "resets": rates.resets,
    "deriv": trends.derivative,
    "predict_linear": trends.prediction,
    "double_exponential_smoothing": trends.smoothed,
    "sum_over_time": over_time.sum_over_time,
    "avg_over_time": over_time.avg_over_time,
    "min_over_time": over_time.over(over_time.least),
    "max_over_time": over_time.over(over_time.most),
    "count_over_time": over_time.over(over_time.count),
    "present_over_time": over_time.over(over_time.one),
    "stddev_over_time": over_time.over(over_time.deviation),
    "stdvar_over_time": over_time.over(over_time.variance),
    "mad_over_time": over_time.over(over_time.median_deviation),
    "ts_of_min_over_time": over_time.over(over_time.time_of_least),
    "ts_of_max_over_time": over_time.over(over_time.time_of_most),
    "ts_of_first_over_time": over_time.over(over_time.time_of_first),
    "ts_of_last_over_time": over_time.over(over_time.time_of_last),
}
_NAMED_RANGES = {"first_over_time": over_time.over(over_time.first), "last_over_time": over_time.over(over_time.last)}
_EACH: dict[str, Callable[[Values], Values]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "exp": np.exp,
    "ln": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "sgn": element_wise.sign,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "deg": element_wise.degrees,
    "rad": element_wise.radians,
}
_INSTANTS: dict[str, Callable[..., Answer]] = {
    "round": element_wise.rounded,
    "clamp": element_wise.clamped,
    "clamp_min": element_wise.at_least,
    "clamp_max": element_wise.at_most,
    "minute": dates.part(dates.minute),
    "hour": dates.part(dates.hour),
    "day_of_week": dates.part(dates.day_of_week),
    "day_of_month": dates.part(dates.day_of_month),
    "day_of_year": dates.part(dates.day_of_year),
    "days_in_month": dates.part(dates.days_in_month),
    "month": dates.part(dates.month),
    "year": dates.part(dates.year),
}
_NATIVE = ("histogram_avg", "histogram_count", "histogram_sum", "histogram_stddev", "histogram_stdvar")
_SPECIAL = ("absent", "absent_over_time", "end", "info", "max_of", "min_of", "pi", "range", "scalar", "start", "step", "time")
_FUNCTIONS = (
    *(Function(name, "range", kernel) for name, kernel in _RANGES.items()),
    *(Function(name, "range", kernel, keeps_name=True) for name, kernel in _NAMED_RANGES.items()),
    *(Function(name, "instant", element_wise.each(function)) for name, function in _EACH.items()),
    *(Function(name, "instant", kernel) for name, kernel in _INSTANTS.items()),
    *(Function(name, "instant", element_wise.nothing) for name in _NATIVE),
    Function("quantile_over_time", "range", over_time.quantile, notes=True),
    Function("histogram_quantile", "grid", buckets.quantile, notes=True),
    Function("histogram_quantiles", "grid", buckets.quantiles, notes=True),
    Function("histogram_fraction", "grid", buckets.fraction, notes=True),
    Function("label_replace", "grid", labelling.replaced),
    Function("label_join", "grid", labelling.label_joined),
    Function("sort", "grid", labelling.by_value),
    Function("sort_desc", "grid", labelling.by_value_descending),
    Function("sort_by_label", "grid", labelling.by_labels),
    Function("sort_by_label_desc", "grid", labelling.by_labels_descending),
    *(Function(name, "special") for name in (*_SPECIAL, "timestamp", "vector")),
)
FUNCTIONS: dict[str, Function] = {function.name: function for function in _FUNCTIONS}
