"""Log lines with their full-text index; the detail of a request."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise RuntimeError("schema changes go forward only; restore a backup to go back")
