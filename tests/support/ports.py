"""Ports nobody listens on."""

from __future__ import annotations

import itertools
import os
import socket

_FIRST, _COUNT = 20_000, 12_000  # below those that the system gives to whoever asks for any, and so to every connection
_numbers = itertools.count(os.getpid() * 997)  # tests that run beside these begin elsewhere


def free_ports(count: int) -> list[int]:
    """That many different loopback ports, free at this moment; not given again for long."""
    found: list[int] = []
    while len(found) < count:
        port = _FIRST + next(_numbers) % _COUNT
        if _is_free(port):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
