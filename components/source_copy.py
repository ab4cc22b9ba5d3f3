"""The source of the running version as one archive (AGPL, section 13), where no other address of it was set."""

from __future__ import annotations

import asyncio
import io
import tarfile
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (".ci", ".streamlit", "backend", "benchmarks", "components", "docs", "pages", "tests")
_LEFT_OUT = frozenset({"__pycache__", "output", ".pytest_cache"})
_LARGEST_FILE = 4_000_000  # the pinned data files have their own published sources, named in the manifest


def routes() -> list[Route]:
    return [Route("/source", _source, methods=["GET"])]


async def _source(_request: Request) -> Response:
    body = await asyncio.to_thread(archive)
    headers = {"content-disposition": 'attachment; filename="astrolabe-source.tar.gz"', "cache-control": "no-store"}
    return Response(body, media_type="application/gzip", headers=headers)


@cache
def archive() -> bytes:
    """Every source file of this checkout: no state, no secrets, nothing hidden at the root but what is named."""
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz", compresslevel=6) as tar:
        for file in files():
            tar.add(file, f"astrolabe/{file.relative_to(ROOT)}", recursive=False)
    return memory.getvalue()


def files() -> list[Path]:
    """What goes into the archive, in a stable order."""
    at_root = [path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".")]
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file() and not _LEFT_OUT & set(path.parts)]
    return sorted(
        path for path in at_root + inside if path.suffix != ".pyc" and not path.is_symlink() and path.stat().st_size <= _LARGEST_FILE
    )
