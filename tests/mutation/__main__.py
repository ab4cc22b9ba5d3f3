"""``python -m tests.mutation [PART ...]``: how many small faults in the rules the tests notice, and which they do not.

A part is the name of a rule's module or of a script. It ends with 1 when less than nine in ten are noticed, or when one that is
not has no reason in ``survivors.toml``.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutation import rules, scripts
from tests.support.figures import say

REASONS = Path(__file__).with_name("survivors.toml")
WANTED = 0.9


@dataclass(frozen=True)
class Mutated:
    """One fault in one file: noticed, or what it was."""

    file: str
    killed: bool
    change: str


def main(parts: list[str]) -> int:
    """Measure these parts, of all without any; say what was found."""
    held = [_reported("The rules in Python", _of_rules(parts)), _reported("The rules in Lua", _of_scripts(parts))]
    return 0 if all(held) else 1


def _of_rules(parts: list[str]) -> Iterator[Mutated]:
    chosen = tuple(rule for rule in rules.RULES if not parts or rule in parts)
    return (Mutated(f"{one.rule}.py", one.killed, one.change) for one in (rules.verdicts(chosen) if chosen else ()))


def _of_scripts(parts: list[str]) -> Iterator[Mutated]:
    names = tuple(path.stem for path in sorted(scripts.SCRIPTS.glob("*.lua")) if not parts or path.stem in parts)
    return (Mutated(one.file, one.killed, one.mutant) for one in (scripts.verdicts(names) if names else ()))


def _reported(title: str, mutated: Iterable[Mutated]) -> bool:
    """The score of each file and of all, then the survivors with their reasons; whether it is good enough."""
    found = list(mutated)
    if not found:
        return True
    survivors = [one for one in found if not one.killed]
    share = 1 - len(survivors) / len(found)
    say(f"**{title}**: {len(found)} mutants, {len(found) - len(survivors)} noticed, {share:.1%}.\n")
    for file in dict.fromkeys(one.file for one in found):
        of_file = [one for one in found if one.file == file]
        killed = sum(one.killed for one in of_file)
        say(f"- `{file}`: {killed} of {len(of_file)} ({killed / len(of_file):.1%})")
    reasons = _reasons()
    say(f"\nNot noticed ({len(survivors)}):\n" if survivors else "")
    unexplained = 0
    for one in survivors:
        reason = reasons.get((one.file, one.change.partition(": ")[2]), "")
        unexplained += not reason
        say(f"- `{one.file}`, {one.change}. {reason or 'No reason is known.'}")
    say("")
    return share >= WANTED and not unexplained


def _reasons() -> dict[tuple[str, str], str]:
    """By file and change, whatever the line number."""
    listed = tomllib.loads(REASONS.read_text(encoding="utf-8")) if REASONS.exists() else {}
    return {(one["file"], change): one["reason"] for one in listed.get("survivors", ()) for change in one["changes"]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
