"""Signing in and out, set-up, invitations: the forms, who may send them, and where they lead."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.forms import came_from_us, form_token, safe_next, token_matches
from components.policy import Origin
from tests.console import served

HERE = Origin("http", "127.0.0.1:8501")


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with served.console("uvicorn") as address:
        yield address


def test_after_sign_in_one_is_where_one_wanted_to_go(base: str) -> None:
    with served.visitor(base) as client:
        asked = client.get("/breakers?circuit=geocoder")
        assert asked.status_code == 303
        page = client.get(asked.headers["location"])
        assert served.hidden(page.text, "next") == "/breakers?circuit=geocoder"
        answer = served.sign_in(client, "viewer", next_address="/breakers?circuit=geocoder")
        assert (answer.status_code, answer.headers["location"]) == (303, "/breakers?circuit=geocoder")
        assert client.get(answer.headers["location"]).status_code == 200
        assert client.get("/login").status_code == 303


def test_the_session_cookie_is_out_of_scripts_reach(base: str) -> None:
    with served.visitor(base) as client:
        cookies = served.sign_in(client, "viewer").headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("astrolabe_session=")).lower()
    assert "httponly" in session
    assert "samesite=lax" in session
    assert "path=/" in session
    assert "domain" not in session


def test_wrong_password_unknown_name_and_disabled_operator_get_the_same_words(base: str) -> None:
    with served.visitor(base) as client:
        wrong, unknown = served.sign_in(client, "support", "not the password"), served.sign_in(client, "nobody-here", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("support", "").count("Name or password is wrong") == unknown.text.count("Name or password is wrong") == 1
    assert "astrolabe_session" not in wrong.headers.get("set-cookie", "")


def test_too_many_attempts_are_told_when_to_come_back(base: str) -> None:
    with served.visitor(base) as client:
        answers = [served.sign_in(client, "auditor", "wrong again") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "42"
    assert "42 s" in answers[-1].text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_a_form_from_elsewhere_is_refused(base: str, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=base, trust_env=False) as client:
        token = served.hidden(client.get("/login").text)
        for path in ("/login", "/setup", "/join", "/logout"):
            assert client.post(path, data={"token": token, "name": "admin", "password": "x"}, headers=headers).status_code == 403


def test_a_form_without_this_browsers_token_is_refused(base: str) -> None:
    with served.visitor(base) as stranger, served.visitor(base) as client:
        foreign = served.hidden(stranger.get("/login").text)
        client.get("/login")
        answer = client.post("/login", data={"token": foreign, "name": "admin", "password": served.fakes.PASSWORD})
    assert answer.status_code == 403
    assert "too old or did not come from this page" in answer.text


def test_what_was_typed_comes_back_as_text_and_not_as_markup(base: str) -> None:
    with served.visitor(base) as client:
        answer = served.sign_in(client, '"><script>alert(1)</script>', "x")
        asked = client.get("/login", params={"why": "<script>", "next": '/"><script>'})
    assert "<script" not in answer.text
    assert "<script" not in asked.text
    assert "x" * 3 not in answer.text


def test_an_oversized_form_and_another_content_type_are_refused(base: str) -> None:
    with served.visitor(base) as client:
        token = served.hidden(client.get("/login").text)
        assert client.post("/login", data={"token": token, "name": "a" * 50_000}).status_code == 413
        assert client.post("/login", json={"token": token}).status_code == 413
        assert client.post(
            "/login", content=b"token=%ff\xff", headers={"content-type": "application/x-www-form-urlencoded"}
        ).status_code in {403, 413}


def test_signing_out_ends_the_session_and_empties_the_browser(base: str) -> None:
    with served.visitor(base) as client:
        served.sign_in(client, "developer")
        assert client.get("/").status_code == 200
        form = client.get("/logout")
        answer = client.post("/logout", data={"token": served.hidden(form.text)})
        assert answer.headers["location"] == "/login?why=signed_out"
        assert client.get("/").status_code == 303


def test_set_up_is_closed_once_there_is_an_operator(base: str) -> None:
    with served.visitor(base) as client:
        assert client.get("/setup").headers["location"] == "/login"
        token = served.hidden(client.get("/join").text)
        answer = client.post("/join", data={"token": token, "code": "wrong", "password": "a long enough one"})
    assert answer.status_code == 401
    assert "wrong, used already or too old" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "http://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "/\t/evil",
        "javascript:alert(1)",
        "",
        None,
        "/login",
        "/logout?x",
        "/setup",
        "/_stcore/health",
        "breakers",
        "/a" * 2000,
        "/x\r\nSet-Cookie: a=b",
    ],
)
def test_only_a_path_of_this_console_is_a_way_on(address: str | None) -> None:
    assert safe_next(address) == "/"


@given(st.text(max_size=60))
def test_whatever_is_asked_the_way_on_stays_here(text: str) -> None:
    way = safe_next(text)
    assert way.startswith("/")
    assert not way.startswith(("//", "/\\"))
    assert "\n" not in way


@pytest.mark.parametrize("address", ["/breakers?circuit=geocoder", "/playground?case=01a2", "/audit?audit_range=day"])
def test_a_page_with_its_filters_is_a_way_on(address: str) -> None:
    assert safe_next(address) == address


def test_a_browsers_own_words_decide_where_a_form_came_from() -> None:
    assert came_from_us({"origin": HERE.text, "sec-fetch-site": "same-origin"}, HERE)
    assert came_from_us({"origin": HERE.text}, HERE)
    assert not came_from_us({}, HERE)
    assert not came_from_us({"origin": "https://127.0.0.1:8501"}, HERE)


def test_a_form_token_holds_for_one_browser_and_one_secret() -> None:
    token = form_token("s" * 32, "nonce")
    assert token_matches("s" * 32, "nonce", token)
    assert not token_matches("t" * 32, "nonce", token)
    assert not token_matches("s" * 32, "other", token)
    assert not token_matches("s" * 32, None, token)
    assert not token_matches("s" * 32, "nonce", "é")
