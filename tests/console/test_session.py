"""Who looks is asked of the store once a run; a revoked session does not see the next one."""

from __future__ import annotations

from typing import Any

import pytest

from components import session


@pytest.fixture
def asked(handle: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Who was looked up in the store, and whether by an active look."""
    monkeypatch.setattr(session, "token", lambda: "token-support")
    monkeypatch.setattr(session._run, "known", None, raising=False)
    return handle.accounts.activity


def test_an_active_look_serves_the_rest_of_its_run_and_an_idle_one_only_idle_ones(asked: Any) -> None:
    assert session.current(active=False) and session.current(active=False)
    assert asked == [("support", False)]
    assert session.current(active=True) and session.current(active=False) and session.current(active=True)
    assert asked == [("support", False), ("support", True)]


def test_after_the_moment_of_a_run_or_for_another_cookie_the_store_is_asked_again(
    asked: Any, handle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert session.current(active=True)
    handle.clock.sleep(1)
    assert session.current(active=True)
    monkeypatch.setattr(session, "token", lambda: "nobody's")
    assert session.current(active=True) is None
    assert asked == [("support", True), ("support", True), ("nobody's", True)]
