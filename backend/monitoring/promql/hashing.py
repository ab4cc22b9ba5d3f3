"""XXH64 of a series' labels, by which Prometheus's ``limit_ratio`` chooses, so that ours chooses the same.

The algorithm is that of https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, with seed 0.
"""

from __future__ import annotations

import struct

from backend.monitoring.promql.labels import Labels

_ALL = 2**64 - 1
_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def share_of(labels: Labels) -> float:
    """Where the hash lies between 0 and 1. Names and values stand each behind its length, as Prometheus 3 keeps them by default."""
    written = [part.encode("utf-8", "surrogateescape") for pair in labels for part in pair]
    return xxh64(b"".join(_length(len(part)) + part for part in written)) / float(_ALL)


def _length(size: int) -> bytes:
    return bytes([size]) if size < 255 else b"\xff" + size.to_bytes(4, "little")[:3]


def xxh64(data: bytes) -> int:
    whole = len(data) // 32 * 32
    value = (_stripes(data[:whole]) if whole else _P5) + len(data)
    return _avalanche(_rest(value & _ALL, data[whole:]))


def _stripes(data: bytes) -> int:
    lanes = [(_P1 + _P2) & _ALL, _P2, 0, -_P1 & _ALL]
    for words in struct.iter_unpack("<4Q", data):
        lanes = [_round(lane, word) for lane, word in zip(lanes, words, strict=True)]
    value = sum(_rotated(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True)) & _ALL
    for lane in lanes:
        value = ((value ^ _round(0, lane)) * _P1 + _P4) & _ALL
    return value


def _rest(value: int, data: bytes) -> int:
    place = 0
    while place + 8 <= len(data):
        (word,) = struct.unpack_from("<Q", data, place)
        value = (_rotated(value ^ _round(0, word), 27) * _P1 + _P4) & _ALL
        place += 8
    if place + 4 <= len(data):
        (half,) = struct.unpack_from("<I", data, place)
        value = (_rotated(value ^ (half * _P1 & _ALL), 23) * _P2 + _P3) & _ALL
        place += 4
    for byte in data[place:]:
        value = _rotated(value ^ (byte * _P5 & _ALL), 11) * _P1 & _ALL
    return value


def _avalanche(value: int) -> int:
    value = (value ^ value >> 33) * _P2 & _ALL
    value = (value ^ value >> 29) * _P3 & _ALL
    return value ^ value >> 32


def _round(lane: int, word: int) -> int:
    return _rotated((lane + word * _P2) & _ALL, 31) * _P1 & _ALL


def _rotated(value: int, by: int) -> int:
    return (value << by | value >> 64 - by) & _ALL
