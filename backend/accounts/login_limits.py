"""How many sign-ins may be tried: token buckets by account and address, by address, and over all."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from backend.clock import Clock


@dataclass(frozen=True)
class Allowance:
    """``tokens`` at once, and as many again over ``seconds``."""

    tokens: int
    seconds: float


@dataclass(frozen=True)
class LoginPolicy:
    """An account is never locked as a whole, so nobody can lock out its owner from elsewhere."""

    account_and_address: Allowance = Allowance(5, 300)
    address: Allowance = Allowance(10, 300)
    everybody: Allowance = Allowance(1000, 300)


@dataclass(frozen=True)
class Refusal:
    """Not now; ``is_news`` the first time in a row, so that a flood of tries is told once."""

    retry_after_seconds: float
    is_news: bool


@dataclass
class _Bucket:
    allowance: Allowance
    tokens: float
    at: float
    told: bool = False

    def refill(self, now: float) -> None:
        allowance = self.allowance
        self.tokens = min(allowance.tokens, self.tokens + (now - self.at) * allowance.tokens / allowance.seconds)
        self.at = now

    @property
    def wait_seconds(self) -> float:
        return max(0.0, (1 - self.tokens) * self.allowance.seconds / self.allowance.tokens)


class LoginLimits:
    """Kept in this process. A try costs a token everywhere; one that succeeds gets them back."""

    def __init__(self, clock: Clock, policy: LoginPolicy | None = None) -> None:
        self._clock = clock
        self._policy = policy or LoginPolicy()
        self._buckets: dict[tuple[str, ...], _Bucket] = {}
        self._lock = threading.Lock()
        self._pruned_at = clock.monotonic()

    def take(self, account: str, address: str | None) -> Refusal | None:
        """Take a token of each bucket, or none and say when to come back."""
        now = self._clock.monotonic()
        with self._lock:
            self._prune(now)
            buckets = {key: self._bucket(key, allowance, now) for key, allowance in self._keys(account, address)}
            empty = [bucket for bucket in buckets.values() if bucket.wait_seconds > 0]
            if empty:
                return _refusal(empty)
            self._buckets.update(buckets)
            for bucket in buckets.values():
                bucket.tokens -= 1
                bucket.told = False
            return None

    def succeeded(self, account: str, address: str | None) -> None:
        """Clear the account's bucket for this address, and give the other buckets their token back."""
        now = self._clock.monotonic()
        with self._lock:
            (own, _), *others = self._keys(account, address)
            self._buckets.pop(own, None)
            for key, allowance in others:
                bucket = self._bucket(key, allowance, now)
                bucket.tokens = min(allowance.tokens, bucket.tokens + 1)

    def _keys(self, account: str, address: str | None) -> Iterator[tuple[tuple[str, ...], Allowance]]:
        prefix = address_prefix(address)
        yield ("account", account, prefix), self._policy.account_and_address
        yield ("address", prefix), self._policy.address
        yield ("everybody",), self._policy.everybody

    def _bucket(self, key: tuple[str, ...], allowance: Allowance, now: float) -> _Bucket:
        bucket = self._buckets.get(key) or _Bucket(allowance, allowance.tokens, now)
        bucket.refill(now)
        return bucket

    def _prune(self, now: float) -> None:
        """Once a minute forget the full ones: as only a granted try makes buckets, the bound on all tries bounds them too."""
        if now - self._pruned_at < 60:
            return
        self._pruned_at = now
        for bucket in self._buckets.values():
            bucket.refill(now)
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if bucket.tokens < bucket.allowance.tokens}


def _refusal(empty: list[_Bucket]) -> Refusal:
    is_news = not all(bucket.told for bucket in empty)
    for bucket in empty:
        bucket.told = True
    return Refusal(max(bucket.wait_seconds for bucket in empty), is_news)


def address_prefix(address: str | None) -> str:
    """What one household or machine can hardly leave: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address((address or "").split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
