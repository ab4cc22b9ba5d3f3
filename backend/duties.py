"""What the worker does, and how often."""

from __future__ import annotations

from backend.bootstrap import Services
from backend.regression.runner import Runner
from backend.worker import Job


def jobs(services: Services) -> list[Job]:
    """The short ones, which are done one after the other."""
    return [
        Job("apply_orders", 1.0, services.circuits.apply_pending),
        Job("tell_targets", 5.0, services.targets.tell),
        Job("expire_orders", 5.0, services.circuits.expire_due),
        Job("forget_processes", 60.0, services.monitoring.purge),
        Job("forget_cases", 60.0, services.cases.purge),
        Job("forget_sessions", 3600.0, services.accounts.purge),
        Job("forget_deploys", 3600.0, services.deploys.purge),
    ]


def beat_jobs(services: Services) -> list[Job]:
    """What must keep its beat, whatever the others wait for."""
    return services.collecting.jobs() if services.collecting else []


def log_jobs(services: Services) -> list[Job]:
    """What takes log lines in: by itself, as it never ends while lines are written."""
    return services.keeping.jobs()


def slow_jobs(services: Services) -> list[Job]:
    """What may take a while: done beside the others, so that none of them waits."""
    runner = regression_runner(services)
    return [
        *(services.collecting.slow_jobs() if services.collecting else []),
        Job("run_regressions", 1.0, lambda: runner.advance(5.0)),
        Job("ask_after_upgrade", 60.0, runner.after_upgrade),
    ]


def regression_runner(services: Services) -> Runner:
    """This process's hand in the runs of regression sets."""
    return Runner(services.database, services.audit, services.clock, services.secret, services.calculator, services.instance_id)
