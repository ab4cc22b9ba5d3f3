"""How many sign-ins may be tried."""

from __future__ import annotations

import pytest

from backend.accounts.login_limits import Allowance, LoginLimits, LoginPolicy, address_prefix
from tests.support.clock import ManualClock


@pytest.fixture
def limits(clock: ManualClock) -> LoginLimits:
    return LoginLimits(clock)


def test_an_account_has_five_tries_from_one_address(limits: LoginLimits) -> None:
    assert [limits.take("ada", "192.0.2.1") is None for _ in range(6)] == [True] * 5 + [False]
    assert limits.take("ada", "192.0.2.2") is None


def test_an_address_has_ten_tries_over_all_accounts(limits: LoginLimits) -> None:
    assert [limits.take(f"name{number}", "192.0.2.1") is None for number in range(11)] == [True] * 10 + [False]


def test_all_have_a_thousand_tries_together(limits: LoginLimits) -> None:
    addresses = [f"10.0.{number // 250}.{number % 250}" for number in range(1001)]
    assert [limits.take("ada", address) is None for address in addresses] == [True] * 1000 + [False]


def test_tries_come_back_one_by_one(limits: LoginLimits, clock: ManualClock) -> None:
    for _ in range(5):
        limits.take("ada", "192.0.2.1")
    refusal = limits.take("ada", "192.0.2.1")
    assert refusal is not None and refusal.retry_after_seconds == pytest.approx(60)
    clock.advance(59)
    assert limits.take("ada", "192.0.2.1") is not None
    clock.advance(1)
    assert limits.take("ada", "192.0.2.1") is None
    assert limits.take("ada", "192.0.2.1") is not None


def test_a_refused_try_costs_nothing(limits: LoginLimits, clock: ManualClock) -> None:
    for _ in range(100):
        limits.take("ada", "192.0.2.1")
    clock.advance(60)
    assert limits.take("ada", "192.0.2.1") is None


def test_a_success_gives_its_own_try_back_and_clears_the_account_at_that_address(limits: LoginLimits) -> None:
    for _ in range(30):
        assert limits.take("ada", "192.0.2.1") is None
        limits.succeeded("ada", "192.0.2.1")
    for _ in range(4):
        limits.take("ada", "192.0.2.1")
    limits.take("ada", "192.0.2.1")
    limits.succeeded("ada", "192.0.2.1")
    assert [limits.take("ada", "192.0.2.1") is None for _ in range(6)] == [True] * 5 + [False]


def test_a_success_does_not_forgive_the_failures_of_the_address(limits: LoginLimits) -> None:
    for number in range(9):
        limits.take(f"name{number}", "192.0.2.1")
    limits.take("mallory", "192.0.2.1")
    limits.succeeded("mallory", "192.0.2.1")
    assert limits.take("ada", "192.0.2.1") is None
    assert limits.take("bea", "192.0.2.1") is not None


def test_a_flood_of_refusals_is_news_once(limits: LoginLimits, clock: ManualClock) -> None:
    for _ in range(5):
        limits.take("ada", "192.0.2.1")
    assert [limits.take("ada", "192.0.2.1").is_news for _ in range(4)] == [True, False, False, False]
    clock.advance(60)
    limits.take("ada", "192.0.2.1")
    assert limits.take("ada", "192.0.2.1").is_news


def test_what_is_remembered_is_bounded(clock: ManualClock) -> None:
    limits = LoginLimits(clock, LoginPolicy(everybody=Allowance(100, 300)))
    for number in range(5000):
        limits.take(f"name{number}", f"10.1.{number // 250}.{number % 250}")
    assert len(limits._buckets) <= 201
    clock.advance(600)
    limits.take("ada", "192.0.2.1")
    assert len(limits._buckets) <= 3


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_an_address_counts_by_what_its_owner_cannot_leave(address: str | None, prefix: str) -> None:
    assert address_prefix(address) == prefix
