"""XXH64 gives the values its authors publish."""

from __future__ import annotations

import pytest

from backend.monitoring.promql.hashing import share_of, xxh64


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0xEF46DB3751D8E999),
        (b"a", 0xD24EC4F1A98C6E5B),
        (b"abc", 0x44BC2CF5AD770999),
        (b"Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1),  # more than one stripe of 32 bytes
    ],
)
def test_known_hashes(data: bytes, expected: int) -> None:
    assert xxh64(data) == expected


def test_shares_spread_evenly_and_stay() -> None:
    shares = [share_of((("__name__", "x"), ("a", str(number)))) for number in range(1000)]
    assert all(0 <= share < 1 for share in shares)
    assert 400 < sum(share < 0.5 for share in shares) < 600
    assert share_of((("a", "b" * 300),)) != share_of((("a", "b" * 301),))
