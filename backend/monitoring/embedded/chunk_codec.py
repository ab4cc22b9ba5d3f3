"""A chunk's body: S series at T instants, each row kept in the cheapest way that gives back the very same bits.

A row is constant, whole numbers of some decimal place (a counter, a CPU time), or anything (kept as floats). Cells without a sample
and stale markers stand in bitmaps; the numbers under them repeat their neighbour and cost nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pcodec import ChunkConfig, DeltaSpec, ModeSpec, standalone

from backend.monitoring.embedded.codecs import packed, unpacked
from backend.monitoring.embedded.records import Damaged
from backend.monitoring.promql.samples import STALE, Mask, Values, stale_among

CONSTANT, FLOAT = 254, 255  # other classes are the number of decimal places
PLACES = (0, 2, 3, 6, 9)
EXACT = 2.0**53
_HEAD = struct.Struct("<HIIIIII")
_WHOLE = ChunkConfig(compression_level=8, delta_spec=DeltaSpec.try_consecutive(1), mode_spec=ModeSpec.classic())
_AUTO = ChunkConfig(compression_level=8)

Classes = NDArray[np.uint8]


@dataclass(frozen=True)
class Matrix:
    """S rows of T cells; ``present`` None: every cell has a sample."""

    values: Values
    present: Mask | None = None


def encode(matrix: Matrix) -> bytes:
    """The body of a chunk; ``decode`` gives the same matrix back, but for what lies under absent cells."""
    stale = stale_among(matrix.values)
    if matrix.present is not None:
        stale &= matrix.present
    hidden = stale if matrix.present is None else stale | ~matrix.present
    rows = _filled(matrix.values, hidden) if hidden.any() else np.ascontiguousarray(matrix.values)
    classes = classes_of(rows)
    whole, loose = classes < CONSTANT, classes == FLOAT
    parts = [
        packed(classes.tobytes()),
        packed(rows[classes == CONSTANT][:, 0].tobytes()),
        *_whole_body(rows[whole], classes[whole]),
        standalone.simple_compress(rows[loose].reshape(-1), _AUTO) if loose.any() else b"",
        _bits(None if matrix.present is None or matrix.present.all() else matrix.present),
        _bits(stale if stale.any() else None),
    ]
    first, second, third, fourth, fifth, sixth, seventh = parts
    sizes = (len(first), len(second), len(third), len(fourth), len(fifth), len(sixth))
    return _HEAD.pack(rows.shape[0], *sizes) + b"".join((first, second, third, fourth, fifth, sixth, seventh))


def decode(body: bytes, shape: tuple[int, int], into: Values | None = None) -> Matrix:
    """The matrix of that shape, written to ``into`` if that is given; Damaged if the bytes are none."""
    try:
        return _decoded(body, shape, np.empty(shape) if into is None else into)
    except (struct.error, ValueError, RuntimeError, TypeError, IndexError) as error:
        raise Damaged(str(error)) from error


def classes_of(rows: Values) -> Classes:
    """How each row is kept. A negative zero or a NaN is no whole number, as its bits would be lost."""
    bits = rows.view(np.uint64)
    classes = np.full(rows.shape[0], FLOAT, np.uint8)
    classes[(bits == bits[:, :1]).all(axis=1)] = CONSTANT
    for places in PLACES:
        left = np.flatnonzero(classes == FLOAT)
        if left.size:
            classes[left[_whole_at(rows[left], places)]] = places
    return classes


def _whole_at(rows: Values, places: int) -> Mask:
    scale = 10.0**places
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.rint(rows * scale) + 0.0  # which makes a negative zero a positive one, as whole numbers do
        same = (scaled / scale).view(np.uint64) == rows.view(np.uint64)
        fits = np.abs(scaled) < EXACT
    found: Mask = (same & fits).all(axis=1)
    return found


def _whole_body(rows: Values, classes: Classes) -> tuple[bytes, bytes]:
    """What each row begins with, and the rest as differences from that: a row's begin is then no outlier among the steps."""
    if not rows.size:
        return b"", b""
    numbers = np.rint(rows * (10.0 ** classes.astype(np.float64))[:, None]).astype(np.int64)
    begins = numbers[:, 0].copy()
    numbers -= begins[:, None]
    small = np.abs(numbers).max() < 2**31
    return packed(begins.tobytes()), standalone.simple_compress(numbers.astype(np.int32 if small else np.int64).reshape(-1), _WHOLE)


def _decoded(body: bytes, shape: tuple[int, int], values: Values) -> Matrix:
    rows, *sizes = _HEAD.unpack_from(body)
    ends = np.cumsum([_HEAD.size, *sizes]).tolist()
    classes_part, constants, begins, whole, loose, present, stale = (
        body[begin:end] for begin, end in zip(ends, [*ends[1:], len(body)], strict=True)
    )
    classes = np.frombuffer(unpacked(classes_part), np.uint8)
    if rows != shape[0] or classes.size != rows:
        raise Damaged("rows are missing")
    constant = np.flatnonzero(classes == CONSTANT)
    if constant.size:
        values[constant] = np.frombuffer(unpacked(constants), np.float64)[:, None]
    if whole:
        _read_whole(values, classes, np.frombuffer(unpacked(begins), np.int64), _numbers(whole).reshape(-1, shape[1]))
    if loose:
        values[classes == FLOAT] = _numbers(loose).reshape(-1, shape[1])
    if stale:
        values[_mask(stale, shape)] = STALE
    return Matrix(values, _mask(present, shape) if present else None)


def _read_whole(values: Values, classes: Classes, begins: NDArray[np.int64], steps: NDArray[np.float64]) -> None:
    first = begins.astype(np.float64)[:, None]
    kept = np.flatnonzero(classes < CONSTANT)
    if kept.size == values.shape[0]:
        np.add(steps, first, out=values)
    else:
        values[kept] = steps + first
    decimal = kept[classes[kept] > 0]
    if decimal.size:
        values[decimal] /= 10.0 ** classes[decimal].astype(np.float64)[:, None]


def _numbers(body: bytes) -> NDArray[np.float64]:
    """Whole numbers of four or eight bytes, or floats; said to be floats, as what is done with them gives floats."""
    found: NDArray[np.float64] = standalone.simple_decompress(body)
    return found


def _filled(values: Values, hidden: Mask) -> Values:
    """Hidden cells repeat the last seen before them, or the first after."""
    column = np.arange(values.shape[1])
    last = np.maximum.accumulate(np.where(hidden, -1, column), axis=1)
    first = np.where(hidden.all(axis=1), 0, np.argmin(hidden, axis=1))
    source = np.where(last < 0, first[:, None], last)
    found = np.take_along_axis(values, source, axis=1)
    found[hidden.all(axis=1)] = 0.0
    return found


def _bits(mask: Mask | None) -> bytes:
    return b"" if mask is None else packed(np.packbits(mask).tobytes())


def _mask(body: bytes, shape: tuple[int, int]) -> Mask:
    bits = np.unpackbits(np.frombuffer(unpacked(body), np.uint8), count=shape[0] * shape[1])
    found: Mask = bits.reshape(shape).view(np.bool_)
    return found
