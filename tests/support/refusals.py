"""What a refusal of input names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.errors import InvalidRequest


def refused_field(act: Callable[[], object]) -> str:
    """The one field that the refusal names."""
    with pytest.raises(InvalidRequest) as refusal:
        act()
    (problem,) = refusal.value.problems
    return problem.field
