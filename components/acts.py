"""Acts on operators and keys: their words, their preview, and the one service call behind each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from backend.actor import Actor, Role
from components import actions, markup
from components.actions import Act, Given
from components.services import services
from components.wording import say

Wrong = Mapping[str, str]  # what is wrong, by field


def invite() -> Act:
    def fields(key: str, wrong: Wrong) -> None:
        st.text_input(say("acts.name"), key=f"{key}_name", max_chars=32, placeholder="ana")
        actions.beside(wrong, "name")
        st.selectbox(say("acts.role"), [role.value for role in Role], key=f"{key}_role", index=0)

    def run(by: Actor, given: Given) -> str:
        made = services().accounts.invite(by, str(given.more["name"] or ""), Role(str(given.more["role"])), given.reason)
        st.session_state["operators_code"] = (made.name, made.code, made.expires_at)
        return say("acts.invited", name=markup.text(made.name))

    rows = [(say("acts.invite_effect"), say("acts.invite_effect_words")), (say("acts.undo"), say("acts.undo_invite"))]
    return Act("invite", say("acts.invite"), say("acts.invite_intro"), rows, run, fields=fields, field_names=("name", "role"))


def withdraw(invitation: Any) -> Act:
    def run(by: Actor, given: Given) -> str:
        services().accounts.withdraw_invitation(by, invitation.id, given.reason)
        return say("acts.withdrawn", name=markup.text(invitation.name))

    rows = [(say("acts.effect"), say("acts.withdraw_effect")), (say("acts.undo"), say("acts.undo_withdraw"))]
    intro = say("acts.about_invitation", name=markup.text(invitation.name), role=invitation.role.value)
    return Act(f"withdraw_{invitation.id}", say("acts.withdraw", name=markup.text(invitation.name)), intro, rows, run)


def change_role(operator: Any) -> Act:
    def fields(key: str, _wrong: Wrong) -> None:
        roles = [role.value for role in Role]
        st.selectbox(say("acts.new_role"), roles, key=f"{key}_role", index=roles.index(operator.role))

    def run(by: Actor, given: Given) -> str:
        role = Role(str(given.more["role"]))
        services().accounts.change_role(by, operator.id, role, given.reason)
        return say("acts.role_changed", name=markup.text(operator.name), role=role.value)

    rows = [(say("acts.now"), operator.role.value), (say("acts.effect"), say("acts.role_effect"))]
    return Act(f"role_{operator.id}", say("acts.change_role"), _about(operator), rows, run, fields=fields, field_names=("role",))


def disable(operator: Any) -> Act:
    def run(by: Actor, given: Given) -> str:
        services().accounts.disable(by, operator.id, given.reason)
        return say("acts.disabled", name=markup.text(operator.name))

    rows = [(say("acts.effect"), say("acts.disable_effect")), (say("acts.undo"), say("acts.undo_disable"))]
    return Act(f"disable_{operator.id}", say("acts.disable"), _about(operator), rows, run, danger="held")


def enable(operator: Any) -> Act:
    def run(by: Actor, given: Given) -> str:
        services().accounts.enable(by, operator.id, given.reason)
        return say("acts.enabled", name=markup.text(operator.name))

    return Act(f"enable_{operator.id}", say("acts.enable"), _about(operator), [(say("acts.effect"), say("acts.enable_effect"))], run)


def end_sessions(operator: Any, count: int) -> Act:
    def run(by: Actor, given: Given) -> str:
        ended = services().accounts.end_sessions(by, operator.id, given.reason)
        return say("acts.sessions_ended", name=markup.text(operator.name), count=ended)

    rows = [(say("acts.effect"), say("acts.sessions_effect", count=count)), (say("acts.undo"), say("acts.undo_sessions"))]
    return Act(f"sessions_{operator.id}", say("acts.end_sessions"), _about(operator), rows, run)


def create_key() -> Act:
    def fields(key: str, wrong: Wrong) -> None:
        st.text_input(say("acts.key_name"), key=f"{key}_name", max_chars=64, placeholder="billing import")
        actions.beside(wrong, "name")
        st.pills(say("acts.scopes"), ["charts", "operations"], selection_mode="multi", default=["charts"], key=f"{key}_scopes")
        actions.beside(wrong, "scopes")

    def run(by: Actor, given: Given) -> str:
        made = services().keys.create(by, str(given.more["name"] or ""), tuple(given.more["scopes"] or ()), given.reason)
        st.session_state["operators_key"] = (made.key.name, made.text)
        return say("acts.key_created", name=markup.text(made.key.name))

    rows = [(say("acts.scope_charts"), say("acts.scope_charts_words")), (say("acts.scope_operations"), say("acts.scope_operations_words"))]
    return Act("key", say("acts.create_key"), say("acts.key_intro"), rows, run, fields=fields, field_names=("name", "scopes"))


def revoke_key(key: Any) -> Act:
    def run(by: Actor, given: Given) -> str:
        services().keys.revoke(by, key.id, given.reason)
        return say("acts.key_revoked", name=markup.text(key.name))

    rows = [(say("acts.effect"), say("acts.revoke_effect")), (say("acts.undo"), say("acts.undo_revoke"))]
    intro = say("acts.about_key", name=markup.text(key.name), prefix=markup.code(key.prefix))
    return Act(f"revoke_{key.id}", say("acts.revoke_key"), intro, rows, run, danger="held")


def _about(operator: Any) -> str:
    return say("acts.about", name=markup.text(operator.name), role=operator.role.value)
