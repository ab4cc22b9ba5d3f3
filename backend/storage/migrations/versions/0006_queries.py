"""Queries that an operator saved, and the history of what each asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.storage.database import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_queries",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("queries", sa.JSON(), nullable=False),  # PromQL expressions, as a list of texts
        sa.Column("kind", sa.String(16), nullable=False),  # range | instant
        sa.Column("step", sa.String(16), nullable=False),  # auto | fine | a duration
        sa.Column("owner_id", sa.String(64), nullable=False, index=True),
        sa.Column("owner_name", sa.String(64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("shared_at", Instant(), index=True),
    )
    op.create_table(
        "asked_queries",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False, index=True),
    )
    op.create_index("ix_asked_queries_owner_id", "asked_queries", ["owner_id", "asked_at"])


def downgrade() -> None:
    raise RuntimeError("schema changes go forward only; restore a backup to go back")
