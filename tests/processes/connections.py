"""Which connections the processes of a product opened, and which of them nobody should have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from backend.storage.database import Database
from tests.support.product import ROOT, Product

_WATCHER = ROOT / "tests" / "support" / "watched"


def watching(seen: Path) -> dict[str, str]:
    """The environment in which every Python process writes each connection that it opens to ``seen``."""
    return {"PYTHONPATH": str(_WATCHER), "ASTROLABE_TEST_CONNECTIONS": str(seen)}


@dataclass(frozen=True)
class Connection:
    """One outbound connection: by which process, to where, opened by the pipeline or not, and by which module of ours."""

    process: str
    address: str
    inside: bool
    opener: str


def read(path: Path) -> list[Connection]:
    return [Connection(**json.loads(line)) for line in path.read_text().splitlines()]


def strays(connections: list[Connection], own: set[str]) -> list[Connection]:
    """Those that neither the pipeline opened nor leads to our own stores and roles."""
    return [one for one in connections if not one.inside and one.address not in own]


def own_addresses(product: Product) -> set[str]:
    """Of our own roles and stores; not of API processes that have withdrawn."""
    console, api, valkey = f"127.0.0.1:{product.console_port}", f"127.0.0.1:{product.api_port}", product.folder / "valkey" / "valkey.sock"
    return {console, api, str(valkey), *(url.removeprefix("http://") for url in _operations_urls(product.folder))}


def _operations_urls(state: Path) -> list[str]:
    """Where the API processes listen for the worker."""
    database = Database(f"sqlite:///{state / 'astrolabe.db'}")
    try:
        with database.reading() as connection:
            return [url for (url,) in connection.execute(text("SELECT operations_url FROM instances WHERE operations_url <> ''"))]
    finally:
        database.close()
