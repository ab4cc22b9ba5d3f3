"""Asking a listener of our own whether it lives."""

from __future__ import annotations

import http.client
import ssl


def alive(host: str, port: int, *, tls: bool = False) -> bool:
    """Whether /livez answers there. Only asks our own listeners, so no certificate is checked.

    The console answers 421 when it goes by another host name than the one asked for: it lives all the same.
    """
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection: http.client.HTTPConnection
    if tls:
        connection = http.client.HTTPSConnection(near, port, timeout=2, context=ssl._create_unverified_context())
    else:
        connection = http.client.HTTPConnection(near, port, timeout=2)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status in (http.client.OK, http.client.MISDIRECTED_REQUEST)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def ready(operations_url: str) -> bool:
    """Whether the API process whose operations port that is says that it is ready."""
    host, _, port = operations_url.removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
