"""Processes forked from one server that has read what they need.

A test run has one such server, and the list that stands when the first process is asked for is the one it reads: were it written in
two places, the later would win, and the children of the other read everything anew, each for seconds.
"""

from __future__ import annotations

import multiprocessing

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["tests.contract.test_circuit_kills", "tests.contract.test_storage_migrations", "tests.scenarios.part", "tests.scenarios.outage_part"]
)
