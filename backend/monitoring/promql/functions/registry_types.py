"""What a function of PromQL is to the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Note = Callable[[Literal["warning", "info"], str, int], None]  # of which argument, and without "PromQL warning: " and the place


@dataclass(frozen=True)
class Function:
    """One function. The kernel's arguments depend on ``kind``:

    - range: ``kernel(block: Block, ends: Times (N,), range_ms, at: Times (N,), *params: Values (N,)) -> (Values (S,N), Mask (S,N))``;
      the window of step n is ``ends[n] - range_ms < t <= ends[n]``; ``params`` are the scalar arguments in the order of the call;
    - instant: ``kernel(grid: Grid, at: Times (N,), *params: Values (N,)) -> (Values, Mask)``; element by element;
    - grid: ``kernel(*arguments) -> Grid``, the arguments in the order of the call: Grid for a vector, Values (N,) for a scalar,
      str for a string; the kernel hands ``Grid.unnamed`` on;
    - special: the engine evaluates it itself (absent, time, timestamp, …); ``kernel`` is then None.

    ``keeps_name`` (range and instant): the series keep ``__name__``. ``notes``: the kernel takes ``note: Note`` by keyword.
    QueryProblem('execution', …) is raised for arguments that are no good.
    """

    name: str
    kind: Literal["range", "instant", "grid", "special"]
    kernel: Callable[..., Any] | None = None
    keeps_name: bool = False
    notes: bool = False
