"""YAML as data and nothing else: no tags, no key twice, no aliases (which can blow a small file up)."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node

LARGEST = 1_000_000  # characters


def loaded(text: str) -> Any:
    """ValueError with a line says what is wrong."""
    if len(text) > LARGEST:
        raise ValueError(f"the file has more than {LARGEST} characters")
    try:
        return yaml.load(text, _Strict)
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"{where}{error.problem or 'this is no YAML'}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("this is no YAML") from error


class _Strict(yaml.SafeLoader):
    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases are not read", problem_mark=self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        if len(found) != len(node.value):
            raise yaml.MarkedYAMLError(problem="a key stands here twice", problem_mark=node.start_mark)
        return found
