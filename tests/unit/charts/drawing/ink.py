"""Where the ink of a path goes: its commands followed, curves and arcs in small steps (SVG 1.1, chapter 8 and appendix F.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import acos, copysign, cos, pi, sin, sqrt

Spot = complex
_TOKENS = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "A": 7, "Z": 0}
_STEPS = 24


def spots(path: str) -> list[Spot]:
    """Points of the path, close together, as complex numbers."""
    found: list[Spot] = []
    here, start, control = 0j, 0j, 0j
    for command, numbers in _commands(path):
        base = here if command.islower() else 0j
        kind = command.upper()
        before = here
        if kind == "Z":
            here = start
        elif kind == "H":
            here = complex(base.real + numbers[0], here.imag)
        elif kind == "V":
            here = complex(here.real, base.imag + numbers[0])
        elif kind in "ML":
            here = base + complex(*numbers)
        elif kind in "CS":
            first = base + complex(*numbers[:2]) if kind == "C" else 2 * here - control
            control, here = base + complex(*numbers[-4:-2]), base + complex(*numbers[-2:])
            found += _curve(before, first, control, here)
        elif kind == "A":
            here = base + complex(*numbers[5:])
            found += _arc(before, numbers[0], bool(numbers[3]), bool(numbers[4]), here)
        if kind == "M":
            start = here
        if kind not in "CS":
            control = here
        found.append(here)
    return found


def _commands(path: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its numbers; numbers that follow repeat it, after a move as a line."""
    tokens = _TOKENS.findall(path)
    command, index = "", 0
    while index < len(tokens):
        if tokens[index].isalpha():
            command, index = tokens[index], index + 1
        takes = _TAKES[command.upper()]
        yield command, [float(token) for token in tokens[index : index + takes]]
        index += takes
        command = {"M": "L", "m": "l"}.get(command, command)


def _curve(start: Spot, first: Spot, second: Spot, end: Spot) -> Iterator[Spot]:
    for step in range(1, _STEPS):
        t = step / _STEPS
        yield (1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * first + 3 * t**2 * (1 - t) * second + t**3 * end


def _arc(start: Spot, radius: float, large: bool, sweep: bool, end: Spot) -> Iterator[Spot]:
    """Arcs of circles only: all glyphs are drawn with them."""
    half = (start - end) / 2
    reach = abs(half)
    radius = max(radius, reach)
    away = sqrt(max(0.0, radius**2 / reach**2 - 1)) * (1 if large == sweep else -1)
    middle = (start + end) / 2 + complex(half.imag, -half.real) * -away
    first, last = start - middle, end - middle
    turn = acos(max(-1.0, min(1.0, (first.real * last.real + first.imag * last.imag) / radius**2)))
    turn = copysign(turn, first.real * last.imag - first.imag * last.real)
    turn += 2 * pi if sweep and turn < 0 else -2 * pi if not sweep and turn > 0 else 0
    for step in range(1, _STEPS):
        angle = turn * step / _STEPS
        yield middle + first * complex(cos(angle), sin(angle))
