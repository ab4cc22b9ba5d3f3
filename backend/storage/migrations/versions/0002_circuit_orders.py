"""Orders of all kinds on circuits, where overrides stood alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.storage.database import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COPY = (
    "INSERT INTO circuit_orders (id, slot, circuit, epoch, body, reason, actor_id, actor_name, created_at, expires_at, applied_at) "
    "SELECT id, 'override', circuit, epoch, kind, reason, actor_id, actor_name, created_at, expires_at, applied_at FROM circuit_overrides"
)


def upgrade() -> None:
    op.create_table(
        "circuit_orders",  # one row an act; the newest of a circuit's slot is the truth
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("slot", sa.String(16), nullable=False),  # override | policy | fault | reset
        sa.Column("circuit", sa.String(64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
        sa.Column("actor_name", sa.String(64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("applied_at", Instant()),
        sa.UniqueConstraint("slot", "circuit", "epoch", name="uq_circuit_orders_slot"),
    )
    op.execute(_COPY)
    op.drop_table("circuit_overrides")  # left behind, a process of the version before could record acts there that nobody would see


def downgrade() -> None:
    raise RuntimeError("schema changes go forward only; restore a backup to go back")
