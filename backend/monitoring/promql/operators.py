"""Arithmetic and comparisons of whole arrays, as Go's float64 does them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backend.monitoring.promql.samples import Mask, Values

ARITHMETIC: dict[str, Callable[[Values, Values], Values]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}
COMPARISONS: dict[str, Callable[[Values, Values], Mask]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}


def calculated(operator: str, left: Values, right: Values) -> Values:
    """Of two scalars, or with ``bool``: a comparison is 1 or 0."""
    if operator in COMPARISONS:
        return COMPARISONS[operator](left, right).astype(np.float64)
    return ARITHMETIC[operator](left, right)


def filtered(operator: str, left: Values, right: Values) -> Mask:
    return COMPARISONS[operator](left, right)
