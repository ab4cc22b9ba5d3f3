"""What somebody did, in words."""

from __future__ import annotations

from typing import Any

from components import markup
from components.wording import may_say, say

_ON_ONESELF = frozenset({"accounts.sign_in", "accounts.sign_out", "accounts.setup", "accounts.join"})

_WORDS = {
    "circuits.isolate": ("held", "Isolated"),
    "circuits.force_open": ("held", "Forced open"),
    "circuits.disable": ("bypassed", "Disabled"),
    "circuits.metrics_only": ("bypassed", "Metrics only"),
    "circuits.release": ("held", "Released"),
    "circuits.expire": ("held", "Expired"),
    "circuits.reset": ("held", "Reset"),
    "circuits.change_policy": ("info", "Policy"),
    "circuits.revert_policy": ("info", "Policy"),
    "faults.inject": ("pending", "Fault on"),
    "faults.end": ("info", "Fault off"),
    "faults.expire": ("info", "Fault off"),
}


def act_word(record: Any) -> tuple[str, str]:
    """Kind and word of an audited act."""
    if record.outcome == "refused":
        return "bad", "Refused"
    return _WORDS.get(record.act, ("info", "Done"))


def act_sentence(record: Any, *, with_reason: bool = True) -> str:
    """'ana isolated geocoder', in words where we have them."""
    sentence = say("audit.sentence", who=markup.text(record.actor_name), act=act_name(record.act), what=object_words(record)).strip()
    return sentence + (f": “{markup.text(markup.short(record.reason, 48))}”" if with_reason and record.reason else "")


def object_words(record: Any) -> str:
    """What an act was done to, by its name where the record holds one; nothing where it is the actor."""
    if record.object_id == record.actor_id or record.act in _ON_ONESELF:
        return ""
    named = (record.after or {}).get("name") or (record.before or {}).get("name")
    return markup.text(markup.short(str(named or markup.brief_id(record.object_id)), 40))


def act_name(act: str) -> str:
    """What was done, as a verb in the past."""
    return may_say(f"audit.acts.{act.replace('.', '-')}") or markup.text(act)
