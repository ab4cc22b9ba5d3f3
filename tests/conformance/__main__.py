"""``python -m tests.conformance KIND PATH [--only PART,...]``: prints each failing id, then ``N of M``; exit 1 below M.

``promql PATH [--native in]`` runs scripts of another form, see tests/conformance/promql.py.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conformance import promql
from tests.conformance.outcome import Tally

KINDS = ("charts", "inputs")


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["promql"]:
        return promql.main(arguments[1:])
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("path", type=Path, help="a file of the kind's format, or a folder of them")
    parser.add_argument("--only", default="", help="parts, separated by commas")
    options = parser.parse_args(arguments)
    kind = importlib.import_module(f"tests.conformance.{options.kind}")
    parts = [part for part in options.only.split(",") if part] or list(kind.PARTS)
    wrong = [part for part in parts if part not in kind.PARTS]
    if wrong:
        unbuilt = [part for part in wrong if part in kind.NOT_BUILT]
        print(f"not built: {', '.join(unbuilt)}" if unbuilt else f"no such part: {', '.join(wrong)}; parts: {', '.join(kind.PARTS)}")
        return 2
    if not options.only and kind.NOT_BUILT:
        print(f"not built, not run: {', '.join(kind.NOT_BUILT)}")
    return run(kind, options.path, parts)


def run(kind: Any, path: Path, parts: list[str]) -> int:
    tally = Tally()
    files = 0
    for name, content in _documents(path):
        if kind.is_format(content):
            files += 1
            kind.check(content, parts, tally)
        else:
            print(f"skipped {name}: not of the format of {kind.__name__.rpartition('.')[2]}")
    if not files:
        print(f"no file of this format at {path}")
        return 2
    for failure in tally.failures:
        print(failure)
    print(f"{tally.passed} of {tally.total}")
    return 0 if tally.passed == tally.total and tally.total else 1


def _documents(path: Path) -> Iterator[tuple[str, Any]]:
    for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
        try:
            yield file.name, json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            yield file.name, error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
