"""Prometheus remote write 1.0: a snappy block around a protobuf message, read into series."""

from __future__ import annotations

from typing import Any

import cramjam
import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from backend.errors import InvalidRequest
from backend.monitoring.embedded.records import Series
from backend.monitoring.promql.labels import labels_of

MOST_BYTES = 32 * 1024 * 1024  # of one request, unpacked
CONTENT_TYPE = "application/x-protobuf"
_STRING, _DOUBLE, _INT64, _MESSAGE = 9, 1, 3, 11  # of FieldDescriptorProto.Type
_ONE, _MANY = 1, 3
# The fields that are read, by their numbers in prompb/types.proto and prompb/remote.proto; others are passed over.
_MESSAGES: dict[str, tuple[tuple[str, int, int, int, str], ...]] = {
    "Label": (("name", 1, _STRING, _ONE, ""), ("value", 2, _STRING, _ONE, "")),
    "Sample": (("value", 1, _DOUBLE, _ONE, ""), ("timestamp", 2, _INT64, _ONE, "")),
    "TimeSeries": (("labels", 1, _MESSAGE, _MANY, "Label"), ("samples", 2, _MESSAGE, _MANY, "Sample")),
    "WriteRequest": (("timeseries", 1, _MESSAGE, _MANY, "TimeSeries"),),
}


def _write_request() -> Any:  # a class made at run time
    file = descriptor_pb2.FileDescriptorProto(name="astrolabe/remote_write.proto", package="astrolabe", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, label, of in fields:
            added = message.field.add(name=field, number=number)
            added.type, added.label = kind, label
            if of:
                added.type_name = f".astrolabe.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("astrolabe.WriteRequest"))


_WriteRequest = _write_request()


def decoded(body: bytes) -> list[Series]:
    """The series of one request; InvalidRequest when it is none, or unpacks to more than MOST_BYTES."""
    message = _WriteRequest()
    try:
        message.ParseFromString(_unpacked(body))
    except DecodeError as error:
        raise InvalidRequest(detail="the body is no remote-write request") from error
    return [_series(series) for series in message.timeseries if series.samples]


def encoded(written: list[Series]) -> bytes:
    """The reverse, for tests and for writing to another server."""
    message = _WriteRequest()
    for series in written:
        added = message.timeseries.add()
        for name, value in series.labels:
            added.labels.add(name=name, value=value)
        for time, sample in zip(series.times.tolist(), series.values.tolist(), strict=True):
            added.samples.add(value=sample, timestamp=time)
    return bytes(cramjam.snappy.compress_raw(message.SerializeToString()))


def _series(series: Any) -> Series:
    samples = series.samples
    times = np.fromiter((sample.timestamp for sample in samples), np.int64, len(samples))
    values = np.fromiter((sample.value for sample in samples), np.float64, len(samples))
    return Series(labels_of({label.name: label.value for label in series.labels}), times, values)


def _unpacked(body: bytes) -> bytes:
    """The size stands before the block: nothing is unpacked that says it is too large."""
    size = shift = 0
    for byte in body[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if size > MOST_BYTES:
        raise InvalidRequest(detail=f"a request of {size} bytes, where at most {MOST_BYTES} are allowed")
    try:
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError as error:
        raise InvalidRequest(detail="the body is no snappy block") from error
