"""Trials of the circuits of a fleet: real processes, a real server, full counts."""

from __future__ import annotations

from tests.trials.trial import Trial

_SCENARIOS = "tests/scenarios"

TRIALS = {
    "fidelity": Trial.of_tests(
        "A dead dependency gets at most 1.5 x the minimum of calls from a fleet of eight before all have stopped (median of 20 rounds); "
        "one sick process of eight stops itself after its own minimum while no healthy call is refused.",
        (f"{_SCENARIOS}/test_fidelity.py",),
        60,
    ),
    "herd": Trial.of_tests(
        "Of 2 to 32 processes that want to call a dead dependency, one probes at a time in every run and at most 4 probes are made in 4 s; "
        "a prober that is killed costs at most its lease and one exchange (median; 20 rounds each).",
        (f"{_SCENARIOS}/test_herd.py",),
        60,
    ),
    "outage": Trial.of_tests(
        "With the store killed, paused, dripping, silent, slow by 5 s or resetting connections, in every state of a circuit: no exception "
        "reaches a caller, at most 1 ms is added to the 99th percentile (median of 5 rounds), and a dependency that dies meanwhile is left "
        "alone.",
        (f"{_SCENARIOS}/test_outage.py",),
        15,
    ),
    "history": Trial.of_tests(
        "Through days of failing dependencies, cut and stalled connections, orders and killed processes, the written history of every "
        "exchange breaks no rule (20 seeds).",
        (f"{_SCENARIOS}/test_history.py", f"{_SCENARIOS}/test_history_checker.py"),
        60,
    ),
    "mutation": Trial(
        "The tests notice at least nine in ten small faults in the circuits' rules, in Python and in Lua, and each one that they do not "
        "notice has a reason.",
        ("-m", "tests.mutation"),
    ),
}
