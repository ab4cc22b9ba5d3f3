"""The state that all processes share, in Valkey or Redis: short timeouts, no retries, and its loss as our own error."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.client import NEVER_DECODE
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from backend.errors import StorageUnavailable
from backend.storage.punctual import punctual
from backend.storage.usage import Usage

Script = Callable[[Sequence[str], Sequence[Any]], Any]


class SharedState:
    """One Valkey or Redis, by URL. Nobody waits long for it: a caller goes on without it."""

    def __init__(self, url: str, *, connect_timeout: float = 0.1, read_timeout: float = 0.25) -> None:
        self.url = url
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self.usage = Usage("command")
        self._parents: redis.Redis | None = None
        self._client = self._connected()
        self._process = os.getpid()

    @property
    def client(self) -> redis.Redis:
        """The library's own client; its answers are text. Call it inside ``translated()``.

        A fork's child gets one of its own: the parent's may have been locked by a thread that is not there, and is never touched again.
        """
        if os.getpid() != self._process:
            self._parents, self._client, self._process = self._client, self._connected(), os.getpid()
        return self._client

    def _connected(self) -> redis.Redis:
        client: redis.Redis = redis.Redis.from_url(
            self.url,
            socket_connect_timeout=self._connect_timeout,
            socket_timeout=self._read_timeout,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        pool = client.connection_pool
        pool.connection_class = punctual(pool.connection_class)
        return client

    def ping(self) -> float:
        """Seconds that one answer took; StorageUnavailable when there is none."""
        began = time.perf_counter()
        with self.translated():
            self.client.ping()
        return time.perf_counter() - began

    def get(self, name: str) -> str | None:
        """The text of that name, if there is one."""
        with self.translated():
            found: str | None = self.client.get(name)  # type: ignore[assignment]
            return found

    def get_bytes(self, name: str, field: str | None = None) -> bytes | None:
        """The bytes of that name, or of a field of it, if there are any."""
        words = ("GET", name) if field is None else ("HGET", name, field)
        with self.translated():
            client: Any = self.client  # the library types this call not at all
            found: bytes | None = client.execute_command(*words, **{NEVER_DECODE: True})
            return found

    def put(self, name: str, text: str, seconds: float) -> None:
        """Keep a text for so long."""
        with self.translated():
            self.client.set(name, text, px=max(1, round(seconds * 1000)))

    def script(self, name: str, text: str) -> Script:
        """A Lua script by its text: sent once, called by digest, and sent again after the server forgot it."""
        digest: list[str] = []

        def call(keys: Sequence[str], args: Sequence[Any]) -> Any:
            with self.translated():
                if not digest:
                    digest.append(str(self.client.script_load(text)))
                try:
                    return self.client.evalsha(digest[0], len(keys), *keys, *args)
                except NoScriptError:
                    digest[0] = str(self.client.script_load(text))
                    return self.client.evalsha(digest[0], len(keys), *keys, *args)

        call.__name__ = name
        return call

    def following(self) -> Following:
        """A connection of its own that may wait for a stream."""
        return Following(self.url)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """The client's errors as StorageUnavailable, without its text (which may carry the URL)."""
        with self.usage.of("command"):
            try:
                yield
            except RedisError as error:
                raise StorageUnavailable("valkey") from error

    def close(self) -> None:
        self.client.close()


class Following:
    """Waits for a stream's next entries on a connection that nobody else uses."""

    def __init__(self, url: str, *, longest_wait: float = 1.0) -> None:
        self._longest_wait = longest_wait
        self._shared = SharedState(url, read_timeout=longest_wait + 1.0)  # a server that says nothing for longer is away

    def newest(self, stream: str) -> str:
        """The id of the newest entry; '0-0' where there is none."""
        with self._shared.translated():
            entries: Any = self._shared.client.xrevrange(stream, count=1)
        return str(entries[0][0]) if entries else "0-0"

    def after(self, stream: str, entry: str, wait_seconds: float) -> list[tuple[str, dict[str, str]]]:
        """The entries after that one, as soon as there are any; none when the time is over."""
        milliseconds = max(1, round(min(wait_seconds, self._longest_wait) * 1000))
        with self._shared.translated():
            answer: Any = self._shared.client.xread({stream: entry}, block=milliseconds)
        return [(str(number), dict(fields)) for _, entries in answer for number, fields in entries]

    def close(self) -> None:
        """End the wait, also of another thread."""
        self._shared.close()
