"""Functions of single values: rounding, logarithms, trigonometry, bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backend.monitoring.promql.samples import Grid, Mask, Times, Values

Answer = tuple[Values, Mask]


def each(function: Callable[[Values], Values]) -> Callable[[Grid, Times], Answer]:
    """A kernel of a function of one value."""

    def kernel(grid: Grid, _at: Times) -> Answer:
        with np.errstate(all="ignore"):
            return function(grid.values), grid.present

    return kernel


def sign(values: Values) -> Values:
    """Zero and NaN stay what they are."""
    return np.where(values < 0, -1.0, np.where(values > 0, 1.0, values))


def degrees(values: Values) -> Values:
    return values * 180 / np.pi


def radians(values: Values) -> Values:
    return values * np.pi / 180


def rounded(grid: Grid, at: Times, nearest: Values | None = None) -> Answer:
    """To the nearest multiple, halves up."""
    with np.errstate(all="ignore"):
        inverse = 1.0 / (np.ones(len(at)) if nearest is None else nearest)
        return np.floor(grid.values * inverse + 0.5) / inverse, grid.present


def clamped(grid: Grid, _at: Times, least: Values, most: Values) -> Answer:
    """Nothing where the bounds are crossed."""
    return np.maximum(least, np.minimum(most, grid.values)), grid.present & ~(least > most)


def at_least(grid: Grid, _at: Times, least: Values) -> Answer:
    return np.maximum(grid.values, least), grid.present


def at_most(grid: Grid, _at: Times, most: Values) -> Answer:
    return np.minimum(grid.values, most), grid.present


def nothing(grid: Grid, _at: Times, *_parameters: Values) -> Answer:
    """What a function of native histograms finds in plain numbers."""
    return grid.values, np.zeros_like(grid.present)
