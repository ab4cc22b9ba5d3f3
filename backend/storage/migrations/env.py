"""How Alembic reaches the database: over the connection, and inside the transaction, that ``migrate`` hands in."""

from __future__ import annotations

from alembic import context

from backend.storage.database import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
