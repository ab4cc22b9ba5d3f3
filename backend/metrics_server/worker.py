"""The process that answers: takes one question after the other over the wire to the server, and ends with that wire.

``python -m backend.metrics_server.worker DESCRIPTOR``, its settings as JSON in the first message; started by ``Child`` alone. Here, and
not in the server, queries are parsed and evaluated: what crashes a parser, fills the memory or cannot be interrupted ends this process.
"""

from __future__ import annotations

import os
import pickle
import resource
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from backend.clock import SystemClock
from backend.errors import QueryProblem
from backend.metrics_server import documents
from backend.metrics_server.answering import Answering
from backend.metrics_server.questions import Question, Said
from backend.monitoring.embedded.records import StoreLimits
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.promql.engine import Limits
from backend.monitoring.promql.parsing import parse

MOST_MEMORY = 2_000_000_000  # bytes of one answering process's own data; beyond, the query is refused


@dataclass(frozen=True)
class Work:
    """What a process that answers is told at its start."""

    path: Path
    scrape_seconds: float
    limits: Limits
    store_limits: StoreLimits


def answered(answering: Answering, question: Question) -> Said:
    """Whatever goes wrong is an answer: the process stays."""
    try:
        return answering.answer(question)
    except Exception as error:  # noqa: BLE001 - the server has to be told something, and the next question must be answered
        sys.stderr.write(f"metrics question failed: {type(error).__name__} {_place(error)}\n")
        return documents.failure(QueryProblem("internal", f"the query could not be evaluated ({type(error).__name__})"))
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the parser's library, which is no Exception
            raise
        return documents.failure(QueryProblem("bad_data", "the query cannot be parsed"))


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def main(arguments: list[str]) -> None:
    """Until the server closes the wire."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no file with what was asked
    wire = Connection(int(arguments[0]))
    try:
        work: Work = pickle.loads(wire.recv_bytes())
        clock = SystemClock()
        answering = Answering(MetricsStore(work.path, clock, work.store_limits), work.limits, work.scrape_seconds, clock)
        parse("0")  # begins the parser's own process, before anybody waits for it
        wire.send_bytes(b"ready")
        while True:
            said = answered(answering, pickle.loads(wire.recv_bytes()))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            wire.send_bytes(pickle.dumps(said._replace(peak=peak)))
    except (EOFError, OSError):
        os._exit(0)  # nobody is there any more


if __name__ == "__main__":
    main(sys.argv[1:])
