"""Each act on a circuit is a metric and a log line."""

from __future__ import annotations

import io
import json
from dataclasses import replace

from backend.operations.order_record import OrderRecord
from backend.operations.telling import told_to
from backend.resilience.orders import Slot
from backend.telemetry.logging import configure
from backend.telemetry.series import Series
from tests.support.clock import START

RECORD = OrderRecord("order-1", Slot.OVERRIDE, "geocoder", 3, "isolated", "it answers slowly", "op-1", "ada", START, START, START)


def test_an_act_is_counted_by_whether_the_fleet_was_told() -> None:
    series = Series("0.1.0")
    told = told_to(series)
    told("circuits.isolate", RECORD)
    told("circuits.isolate", replace(RECORD, applied_at=None))
    text = series.exposition().decode()
    assert 'astrolabe_operator_acts_total{act="circuits.isolate",effect="applied"} 1.0' in text
    assert 'astrolabe_operator_acts_total{act="circuits.isolate",effect="recorded"} 1.0' in text


def test_its_log_line_says_who_did_what_but_not_why() -> None:
    stream = io.StringIO()
    configure("info", "console", "i", stream)
    told_to(Series("0.1.0"))("circuits.isolate", RECORD)
    line = json.loads(stream.getvalue())
    assert (line["event"], line["act"], line["circuit"], line["kind"]) == ("circuit_ordered", "circuits.isolate", "geocoder", "isolated")
    assert (line["actor"], line["epoch"], line["applied"], line["ends"]) == ("op-1", 3, True, START.isoformat())
    assert "slowly" not in str(line)
