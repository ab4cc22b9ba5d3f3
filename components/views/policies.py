"""A dependency's policy for people: figures with their units, what differs from what, and the form to change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.errors import InvalidRequest
from backend.resilience.dependency_policy import FIELDS, PolicyField, from_document
from components import markup
from components.times import SPACE, Watch
from components.wording import say

GROUPS = ("times", "circuit", "retry", "budget", "bulkhead", "hedge", "fallback")
Document = Mapping[str, Any]


def group_of(field: PolicyField) -> str:
    """The part of the form that a figure stands in."""
    part = field.path.partition(".")[0]
    return part if "." in field.path else "times"


def grouped(document: Document | None) -> dict[str, list[PolicyField]]:
    """The figures that a document has, by part of the form; no part without any."""
    parts = {group: [field for field in told(document) if group_of(field) == group] for group in GROUPS}
    return {group: fields for group, fields in parts.items() if fields}


def value(document: Document | None, path: str) -> Any:
    """The figure at a dotted path; None when it is not known."""
    found: Any = document
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def word(field: PolicyField, figure: Any) -> str:
    """A figure with its unit; '–' when it is not known."""
    if figure is None:
        return "–"
    if field.kind == "flag":
        return say("policies.on" if figure else "policies.off")
    text = f"{figure:,g}" if isinstance(figure, int | float) else markup.text(figure)
    return f"{text}{SPACE}{field.unit}" if field.unit else text


def build(values: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a form's values by dotted path."""
    document: dict[str, Any] = {}
    for path, figure in values.items():
        part, _, name = path.rpartition(".")
        (document.setdefault(part, {}) if part else document)[name] = figure
    return document


def problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with which field; the service that keeps a policy asks the same rules again."""
    try:
        from_document(build(values))
    except InvalidRequest as error:
        return {problem.field: problem.detail for problem in error.problems}
    return {}


def differing(before: Document | None, after: Document | None) -> list[PolicyField]:
    """The figures that are not the same in both; of what one of the two does not tell, nothing is known."""
    pairs = [(field, value(before, field.path), value(after, field.path)) for field in FIELDS]
    return [field for field, old, new in pairs if old is not None and new is not None and old != new]


def told(document: Document | None) -> list[PolicyField]:
    """The figures that a document has: of another service's policy only a part may be known."""
    return [field for field in FIELDS if value(document, field.path) is not None]


def differences(before: Document | None, after: Document | None) -> list[dict[str, str]]:
    """One row a figure that changes."""
    return [
        {
            "Figure": name(field),
            "Now": word(field, value(before, field.path)),
            "Then": f"**{word(field, value(after, field.path))}**",
        }
        for field in differing(before, after)
    ]


def name(field: PolicyField) -> str:
    """'Retries: attempts'."""
    return say("policies.figure", group=say(f"policies.groups.{group_of(field)}"), title=field.title)


def rows(policy: Any, fields: Sequence[PolicyField]) -> list[dict[str, str]]:
    """Figures in force beside those of the settings."""
    return [
        {
            "Figure": name(field),
            "In force": f"**{word(field, value(policy.document, field.path))}**",
            "Settings": word(field, value(policy.settings, field.path)),
            "What it does": f":gray[{field.help}]",
        }
        for field in fields
    ]


def source(policy: Any, watch: Watch) -> str:
    """Whose figures they are: the settings', an operator's with who, since when and why, or another service's own."""
    if policy.document is None:
        return say("policies.unknown")
    if policy.source == "operator":
        since = watch.clock(policy.since) if policy.since else "–"
        reason, who = markup.text(policy.reason or "–"), markup.text(policy.actor_name or "–")
        return say("policies.by_operator", name=who, since=since, reason=reason, count=len(differing(policy.settings, policy.document)))
    return say(f"policies.by_{policy.source}")


def label(field: PolicyField, policy: Any) -> str:
    """A field of the form says its unit, what is in force and what the settings say; plain, as a reader of the screen reads it too."""
    now, settings = (word(field, value(document, field.path)) for document in (policy.document, policy.settings))
    same = now == settings or policy.settings is None
    words = say("policies.now", now=now) if same else say("policies.now_settings", now=now, settings=settings)
    return f"{field.title} ({words})"


def help_of(field: PolicyField) -> str:
    """What a figure does, and its bounds."""
    if field.kind in ("choice", "flag"):
        return field.help
    return say("policies.bounds", help=field.help, low=f"{field.low:,g}", high=f"{field.high:,g}", unit=field.in_unit)


def group_label(group: str, changed: int, mending: int) -> str:
    """The name of a part of the form, with what is going on in it."""
    name = say(f"policies.groups.{group}")
    if mending:
        return say("policies.group_wrong", group=name, count=mending)
    return say("policies.group_changed", group=name, count=changed) if changed else name


def flat(document: Document | None) -> dict[str, Any]:
    """Every figure that it has, by its dotted path."""
    return {field.path: value(document, field.path) for field in told(document)}


def changed_by_group(policy: Any, values: Mapping[str, Any]) -> dict[str, int]:
    """How many figures of each part of the form are no longer what is in force."""
    counted = dict.fromkeys(GROUPS, 0)
    for field in FIELDS:
        if field.path in values and values[field.path] != value(policy.document, field.path):
            counted[group_of(field)] += 1
    return counted


def reverts_to(history: Sequence[Any], policy: Any) -> Document | None:
    """What taking the last change back would bring: the order's before it, or the settings'; None when that is not known."""
    orders = [order for order in history if order.slot == "policy"]
    earlier: Document = orders[1].document if len(orders) > 1 else {}
    return earlier or policy.settings
