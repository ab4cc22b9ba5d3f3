"""Titles, techniques and sharing of cases; regression sets with their entries, expectations, runs and results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.storage.database import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _cases()
    _sets()
    _runs()


def _cases() -> None:
    """Added columns alone, with defaults: a process of the version before goes on storing and opening cases."""
    op.add_column("cases", sa.Column("title", sa.LargeBinary()))  # encrypted; may name a person
    op.add_column("cases", sa.Column("technique", sa.String(32), nullable=False, server_default="natal"))
    op.add_column("cases", sa.Column("shared_at", Instant()))
    op.create_index("ix_cases_shared_at", "cases", ["shared_at"])


def _sets() -> None:
    op.create_table(
        "regression_sets",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("tolerance_arcseconds", sa.Float(), nullable=False),
        sa.Column("tolerance_seconds", sa.Float(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
    )
    op.create_table(
        "regression_entries",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("set_id", sa.String(36), sa.ForeignKey("regression_sets.id"), nullable=False, index=True),
        sa.Column("title", sa.LargeBinary(), nullable=False),  # encrypted; may name a person
        sa.Column("technique", sa.String(32), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),  # encrypted; holds birth data
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
    )
    op.create_table(
        "regression_expectations",  # the newest that is not withdrawn is what is expected
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("entry_id", sa.String(36), sa.ForeignKey("regression_entries.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),  # encrypted
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("actor_name", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("accepted_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant()),
        sa.UniqueConstraint("entry_id", "number", name="uq_regression_expectations_entry_id"),
    )


def _runs() -> None:
    op.create_table(
        "regression_runs",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("set_id", sa.String(36), sa.ForeignKey("regression_sets.id"), nullable=False, index=True),
        sa.Column("why", sa.String(16), nullable=False),  # asked | upgrade
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False, index=True),  # waiting | running | done | cancelled
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("tolerance_arcseconds", sa.Float(), nullable=False),  # the set's when it was asked for
        sa.Column("tolerance_seconds", sa.Float(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("holder", sa.String(64)),  # who computes it, until when
        sa.Column("lease_until", Instant()),
    )
    op.create_table(
        "regression_results",
        sa.Column("run_id", sa.String(36), sa.ForeignKey("regression_runs.id"), primary_key=True),
        sa.Column("entry_id", sa.String(36), primary_key=True, index=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),  # same | within | drifted | failed | degraded
        sa.Column("expectation", sa.Integer(), nullable=False),
        sa.Column("largest_arcseconds", sa.Float(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("beyond", sa.Integer(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),  # encrypted: the differences and what was answered
    )


def downgrade() -> None:
    raise RuntimeError("schema changes go forward only; restore a backup to go back")
