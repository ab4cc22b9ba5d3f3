"""Each act on a circuit as a metric and a log line."""

from __future__ import annotations

from backend.operations.applying import Told
from backend.operations.order_record import OrderRecord
from backend.telemetry.logging import log
from backend.telemetry.series import Series

LOG = log(__name__)


def told_to(series: Series) -> Told:
    """Counts there, and logs who ordered what; the reason stays in the audit log."""

    def told(act: str, record: OrderRecord) -> None:
        applied = record.applied_at is not None
        series.operator_act(act, applied=applied)
        LOG.info(
            "circuit_ordered",
            act=act,
            circuit=record.circuit,
            kind=record.kind,
            epoch=record.epoch,
            actor=record.actor_id,
            order=record.id,
            ends=record.expires_at.isoformat() if record.expires_at else None,
            applied=applied,
        )

    return told
