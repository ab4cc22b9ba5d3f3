"""The page about what stands around a call names every figure, and its examples run."""

from __future__ import annotations

import re
from typing import Any

from backend.resilience.dependency import ORDER
from backend.resilience.dependency_policy import FIELDS, DependencyPolicy, PolicyField, to_document
from backend.settings import ROOT

PAGE = (ROOT / "docs" / "resilience.md").read_text(encoding="utf-8")


def default_of(known: PolicyField) -> str:
    value: Any = to_document(DependencyPolicy())
    for name in known.path.split("."):
        value = value[name]
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, (int, float)) else str(value)


def allowed(known: PolicyField) -> str:
    match known.kind:
        case "choice":
            return " ".join(f"`{choice}`" for choice in known.choices)
        case "flag":
            return "true, false"
        case _:
            return f"{known.low:g} to {known.high:g}{known.in_unit}"


def test_every_figure_stands_on_the_page_with_its_default_and_bounds() -> None:
    rows = [f"| `{known.path}` | {default_of(known)} | {allowed(known)} | {known.help} |" for known in FIELDS]
    assert re.findall(r"^\| `[a-z_.]+` \| .*$", PAGE, re.MULTILINE) == rows


def test_the_stages_stand_there_in_their_order() -> None:
    stages = re.findall(r"^\| ([a-z ]+) \|", PAGE.partition("```")[0], re.MULTILINE)
    assert stages == ["stage", *ORDER[:-1]]


def test_its_examples_run(capsys: Any) -> None:
    names: dict[str, Any] = {}
    for example in re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        exec(compile(example, "docs/resilience.md", "exec"), names)
    names["client"].close()
    assert capsys.readouterr().out.splitlines() == ["{'EUR': 1.0, 'CHF': 0.94}", "primary False 0.0 1"]
