"""The first tables: accounts, audit, circuits, cases, instances, readings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.storage.database import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _accounts()
    _audit()
    _circuits()
    _cases()
    _monitoring()


def _accounts() -> None:
    op.create_table(
        "operators",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False, server_default="UTC"),
        sa.Column("density", sa.String(16), nullable=False, server_default="comfortable"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_login_at", Instant()),
        sa.Column("disabled_at", Instant()),
    )
    op.create_table(
        "invitations",  # the first start's set-up code is one too, of kind 'setup'
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(64)),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_by", sa.String(36)),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
    )
    op.create_table(
        "operator_sessions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("operator_id", sa.String(36), sa.ForeignKey("operators.id"), nullable=False, index=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_active_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("ended_why", sa.String(32)),
        sa.Column("address", sa.String(64)),
        sa.Column("agent", sa.String(200)),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("revoked_at", Instant()),
    )


def _audit() -> None:
    op.create_table(
        "audit_records",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("at", Instant(), nullable=False, index=True),
        sa.Column("act", sa.String(64), nullable=False, index=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False, index=True),
        sa.Column("actor_name", sa.String(64), nullable=False),
        sa.Column("actor_role", sa.String(16)),
        sa.Column("object_kind", sa.String(32), nullable=False),
        sa.Column("object_id", sa.String(128), nullable=False, index=True),
        sa.Column("reason", sa.String(500)),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.Column("request_id", sa.String(64), index=True),
        sa.Column("session_id", sa.String(36)),
        sa.Column("address", sa.String(64)),
    )
    for statement in _append_only():
        op.execute(statement)


def _append_only() -> list[str]:
    """Triggers that refuse to change or remove an audit record, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER audit_records_no_{verb.lower()} BEFORE {verb} ON audit_records "
            "BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE FUNCTION audit_records_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit records are append-only'; END $$",
        "CREATE TRIGGER audit_records_append_only BEFORE UPDATE OR DELETE ON audit_records "
        "FOR EACH ROW EXECUTE FUNCTION audit_records_refuse()",
        "CREATE TRIGGER audit_records_no_truncate BEFORE TRUNCATE ON audit_records "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_records_refuse()",
    ]


def _circuits() -> None:
    op.create_table(
        "circuit_overrides",  # one row an act; the newest of a circuit is the truth
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("circuit", sa.String(64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),  # isolated | none
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
        sa.Column("actor_name", sa.String(64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("applied_at", Instant()),
        sa.UniqueConstraint("circuit", "epoch", name="uq_circuit_overrides_circuit"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("owner_id", sa.String(36), nullable=False, index=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),  # encrypted; holds birth data
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False, index=True),
    )


def _monitoring() -> None:
    op.create_table(
        "instances",  # every running process of ours, by its own heartbeat
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("operations_url", sa.String(200)),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False, index=True),
    )
    op.create_table(
        "readings",  # what the worker read from each API process, bounded in age
        sa.Column("at", Instant(), primary_key=True),
        sa.Column("instance", sa.String(36), primary_key=True),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    op.create_table(
        "requests",  # the newest requests by id, bounded in age and number; no personal data
        sa.Column("id", sa.String(64), primary_key=True),  # a caller may send the same id twice
        sa.Column("at", Instant(), primary_key=True, index=True),
        sa.Column("method", sa.String(8), nullable=False),
        sa.Column("route", sa.String(128), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("actor_id", sa.String(64)),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.Column("degraded", sa.JSON()),
        sa.Column("error_code", sa.String(32)),
        sa.Column("instance", sa.String(36), primary_key=True),
    )


def downgrade() -> None:
    raise RuntimeError("schema changes go forward only; restore a backup to go back")
