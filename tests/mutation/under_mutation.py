"""``python -m tests.mutation.under_mutation FOLDER TESTS``: the tests with the scripts of another folder, until one fails."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from backend.resilience import redis_state


def main(folder: str, tests: list[str]) -> int:
    redis_state._SCRIPTS = Path(folder)
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:cov", "--no-header", "--tb=no", "-W", "ignore", *tests]))


if __name__ == "__main__":
    os._exit(main(sys.argv[1], sys.argv[2:]))
