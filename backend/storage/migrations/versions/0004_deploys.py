"""Deploys, as marks on the charts. The table of figures that older versions read and wrote stays until no such version runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.storage.database import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deploys",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("at", Instant(), nullable=False, index=True),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("link", sa.String(500), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
        sa.Column("actor_name", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    raise RuntimeError("schema changes go forward only; restore a backup to go back")
