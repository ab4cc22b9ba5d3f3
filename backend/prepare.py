"""What must be done once before roles start: the schema, the place index, and a code for the first operator."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from backend import preflight
from backend.clock import SystemClock
from backend.settings import Settings
from backend.storage.database import Database
from backend.storage.migrate import migrate, pending

if TYPE_CHECKING:
    from backend.bootstrap import Services

Say = Callable[[str], None]
MIGRATION_SECONDS = 600.0  # one statement of a migration may have a large table to rewrite


@dataclass(frozen=True)
class Prepared:
    """What the preparing process tells ``run``; codes and keys go through a pipe, never over a command line."""

    setup_code: str | None = None
    traffic_key: str | None = None


def prepare_stores(settings: Settings, say: Say) -> None:
    """The database at this version's schema, and the place index."""
    preflight.prepare_state_folder(settings.state_dir)
    preflight.clear_left_over(settings.state_dir, SystemClock().now().timestamp())
    database = Database(settings.sql_url, answer_seconds=MIGRATION_SECONDS)
    try:
        if pending(database):
            say("Bringing the database to this version's schema.")
            migrate(database)
    finally:
        database.close()
    from backend.integrations.places import build_index, is_current

    if not is_current(settings.place_index):
        say("Building the place index from the GeoNames data; this takes some seconds, once.")
    build_index(settings.place_index)


def prepare_for_run(settings: Settings, say: Say, answer_fd: int) -> None:
    """Prepare, then write what ``run`` has to know to the descriptor."""
    prepare_stores(settings, say)
    from backend import bootstrap

    services = bootstrap.build(settings, "prepare")
    try:
        setup_code = services.accounts.issue_setup_code()
        traffic_key = _traffic_key(services) if settings.demo else None
    finally:
        services.close()
    with os.fdopen(answer_fd, "w") as answer:
        json.dump(asdict(Prepared(setup_code, traffic_key)), answer)


def _traffic_key(services: Services) -> str:
    """A key for the demo's own requests, good for an hour."""
    from backend.commands.actor import COMMAND_LINE

    expires_at = services.clock.now() + timedelta(hours=1)
    return services.keys.create(COMMAND_LINE, "demo traffic", ["charts"], "The demo's own requests, for one hour", expires_at).text
