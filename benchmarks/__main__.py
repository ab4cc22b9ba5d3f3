"""`python -m benchmarks NAME --json`: one JSON object `{"name", "machine", "ratios", "raw"}`."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from pathlib import Path

from benchmarks.machine import machine


def names() -> list[str]:
    """Every module beside this one that measures something."""
    found = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if not module.ispkg]
    return [name for name in found if name not in ("__main__", "machine")]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure against a floor or a peer in the same run.")
    parser.add_argument("name", choices=names())
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    parser.add_argument("--quick", action="store_true", help="few rounds: for a test that it runs, not for figures")
    options = parser.parse_args(arguments)
    measured = importlib.import_module(f"benchmarks.{options.name}").measure(quick=options.quick)
    result = {"name": options.name, "machine": machine(), **measured}
    print(json.dumps(result) if options.json else _lines(result))
    return 0


def _lines(result: dict[str, object]) -> str:
    return json.dumps(result, indent=2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
