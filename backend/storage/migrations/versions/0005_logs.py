"""Log lines with their full-text index; the detail of a request."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.storage.database import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # on SQLite the key is the row's own number


def upgrade() -> None:
    op.add_column("requests", sa.Column("detail", sa.JSON(none_as_null=True)))
    op.create_index("ix_requests_route", "requests", ["route", "at"])
    op.create_table(
        "log_lines",
        sa.Column("id", _BIG, primary_key=True, autoincrement=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False, index=True),
        sa.Column("request_id", sa.String(64), index=True),
        sa.Column("trace_id", sa.String(32), index=True),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "log_counts",
        sa.Column("minute", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("role", sa.String(16), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
    )
    op.create_table(
        "log_files",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("read_at", Instant(), nullable=False, index=True),
    )
    if op.get_bind().dialect.name == "sqlite":
        # Words are never looked for in their order, and lines never ranked: neither positions nor lengths are kept.
        op.execute("CREATE VIRTUAL TABLE log_words USING fts5(words, tokenize='ascii', detail=none, columnsize=0)")
    else:
        op.create_table(
            "log_words",
            sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
            sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        )
        op.create_index("ix_log_words_words", "log_words", ["words"], postgresql_using="gin")


def downgrade() -> None:
    raise RuntimeError("schema changes go forward only; restore a backup to go back")
