"""Prometheus's remote write, version 1, for samples in arrays: the messages are laid out by numpy, not sample by sample."""

from __future__ import annotations

from collections.abc import Sequence

import cramjam
import httpx
import numpy as np

from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.samples import Mask, Times, Values

_SAMPLE = 18  # bytes: tag, length 16, tag and eight bytes of value, tag and six of time
HEADERS = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}


def head_of(labels: Labels) -> bytes:
    """A series' labels, as a TimeSeries message begins."""
    return b"".join(b"\x0a" + _sized(b"\x0a" + _sized(name.encode()) + b"\x12" + _sized(value.encode())) for name, value in labels)


def request(heads: Sequence[bytes], times: Times, values: Values, present: Mask | None) -> bytes:
    """The body of one request, packed. Times in ms with 36 to 42 bits, as those of this century have."""
    samples = np.empty((*values.shape, _SAMPLE), np.uint8)
    samples[:, :, (0, 1, 2, 11)] = (0x12, _SAMPLE - 2, 0x09, 0x10)
    samples[:, :, 3:11] = np.ascontiguousarray(values).view(np.uint8).reshape(*values.shape, 8)
    samples[:, :, 12:] = _varints(times)
    rows = (row if present is None else row[present[place]] for place, row in enumerate(samples))
    body = b"".join(b"\x0a" + _sized(head + row.tobytes()) for head, row in zip(heads, rows, strict=True))
    return bytes(cramjam.snappy.compress_raw(body))


def send(client: httpx.Client, url: str, body: bytes) -> None:
    """HTTPStatusError when it is not taken whole."""
    client.post(f"{url}/api/v1/write", content=body, headers=HEADERS).raise_for_status()


def _varints(times: Times) -> np.ndarray:
    shifts = np.arange(0, 42, 7, dtype=np.int64)
    found: np.ndarray = ((times[:, None] >> shifts) & 0x7F).astype(np.uint8)
    found[:, :-1] |= 0x80
    return found


def _sized(message: bytes) -> bytes:
    size, head = len(message), bytearray()
    while size > 0x7F:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return bytes(head) + message
