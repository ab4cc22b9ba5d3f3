"""Streamlit's own files, compressed once and kept: it would send them plain, 9 MB for one page."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path, PurePosixPath

from components import doorway
from components.gate import App, Receive, Scope, Send

_COMPRESSIBLE = frozenset({".js", ".css", ".html", ".json", ".svg"})
_FOREVER = b"public, immutable, max-age=31536000"  # their names carry a hash of what is in them


class CompressedFiles:
    """Answers GET /static/… from memory when the browser takes gzip; all else goes through."""

    def __init__(self, app: App, root: Path) -> None:
        self._app = app
        self._root = root.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._found(scope) if scope["type"] == "http" else None
        if found is None:
            return await self._app(scope, receive, send)
        kind = (mimetypes.guess_type(found.name)[0] or "application/octet-stream").encode()
        if kind == b"application/javascript":
            kind = b"text/javascript"
        body = compressed(found)
        headers = [
            (b"content-type", kind + b"; charset=utf-8"),
            (b"content-encoding", b"gzip"),
            (b"vary", b"accept-encoding"),
            (b"cache-control", _FOREVER),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return None

    def _found(self, scope: Scope) -> Path | None:
        path: str = scope["path"]
        wanted = scope["method"] in {"GET", "HEAD"} and path.startswith("/static/") and "gzip" in doorway.header(scope, "accept-encoding")
        if not wanted or PurePosixPath(path).suffix not in _COMPRESSIBLE:
            return None
        file = (self._root / path.lstrip("/")).resolve()
        return file if file.is_relative_to(self._root / "static") and file.is_file() else None


@lru_cache(maxsize=1024)
def compressed(file: Path) -> bytes:
    """The file as gzip, made at its first request."""
    return gzip.compress(file.read_bytes(), compresslevel=6, mtime=0)
