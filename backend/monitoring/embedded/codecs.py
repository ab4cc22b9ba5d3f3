"""How the head, lists of series and lists of instants become bytes: zstd over bytes sorted by their place in the word."""

from __future__ import annotations

import threading
from zlib import crc32

import numpy as np
import zstandard
from numpy.typing import NDArray

from backend.monitoring.embedded.records import Damaged
from backend.monitoring.promql.samples import Times, Values

Ids = NDArray[np.int64]
FAST, SMALL = 1, 9  # levels: the head is short-lived, what is kept is not
MOST_BYTES = 512 * 1024 * 1024  # of what one blob may say it holds


class _Codecs(threading.local):
    """The library's objects must not be shared by threads."""

    def __init__(self) -> None:
        self.fast = zstandard.ZstdCompressor(level=FAST)
        self.small = zstandard.ZstdCompressor(level=SMALL)
        self.reader = zstandard.ZstdDecompressor()


_CODECS = _Codecs()


def checksum(*parts: bytes) -> int:
    found = 0
    for part in parts:
        found = crc32(part, found)
    return found


def packed(raw: bytes, *, small: bool = True) -> bytes:
    return (_CODECS.small if small else _CODECS.fast).compress(raw)


def unpacked(body: bytes) -> bytes:
    """Damaged if it is not what ``packed`` made."""
    try:
        return _CODECS.reader.decompress(body, max_output_size=MOST_BYTES)
    except zstandard.ZstdError as error:
        raise Damaged(str(error)) from error


def shuffled(words: NDArray[np.generic]) -> bytes:
    """All first bytes of the words, then all second ones: neighbours are then alike."""
    return np.ascontiguousarray(words).view(np.uint8).reshape(-1, words.itemsize).T.tobytes()


def unshuffled(raw: bytes, kind: type[np.generic]) -> NDArray[np.generic]:
    """Damaged if the bytes make no whole words."""
    size = np.dtype(kind).itemsize
    if len(raw) % size:
        raise Damaged("a part of a word")
    return np.ascontiguousarray(np.frombuffer(raw, np.uint8).reshape(size, -1).T).view(kind).reshape(-1)


def head_body(times: Times, values: Values) -> bytes:
    """T instants and the values (S, T) of as many series as the layout names."""
    words = np.concatenate([times.view(np.uint64), np.ascontiguousarray(values).view(np.uint64).reshape(-1)])
    return packed(shuffled(words), small=False)


def head_arrays(body: bytes, count: int, series: int) -> tuple[Times, Values]:
    """The reverse; Damaged if there is not exactly that much."""
    words = unshuffled(unpacked(body), np.uint64)
    if words.size != count * (series + 1):
        raise Damaged(f"{words.size} words where {count * (series + 1)} were written")
    return words[:count].view(np.int64), words[count:].view(np.float64).reshape(series, count)


def ids_body(ids: Ids) -> bytes:
    return packed(shuffled(np.diff(ids, prepend=0).astype(np.int32)))


def ids_array(body: bytes) -> Ids:
    found: Ids = np.cumsum(unshuffled(unpacked(body), np.int32), dtype=np.int64)
    return found


def times_body(times: Times) -> bytes:
    """Differences of differences: a steady scrape is nearly all zeros."""
    return packed(shuffled(np.diff(np.diff(times, prepend=0), prepend=0)))


def times_array(body: bytes) -> Times:
    found: Times = np.cumsum(np.cumsum(unshuffled(unpacked(body), np.int64).view(np.int64)), dtype=np.int64)
    return found
