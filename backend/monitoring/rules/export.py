"""Files for a Prometheus: its rules, and how it finds and reads our processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from backend.monitoring.durations import words_of
from backend.monitoring.rules.records import AlertRule, RecordingRule, Rule, RuleGroup

RULES_NAME = "astrolabe.rules.yml"
NEEDS = "Written for Prometheus 2.42 and later."


@dataclass(frozen=True)
class Scraped:
    """What the configuration is made of. ``targets``: the file in which the worker of a host tells the processes on it; ``api``:
    host and port of the public API, ``tls`` whether it is reached over TLS."""

    targets: Path
    scrape_seconds: float
    api: str
    tls: bool


def rules_text(groups: Sequence[RuleGroup]) -> str:
    """A rule file that Prometheus takes as it is."""
    return f"# {NEEDS}\n" + _yaml({"groups": [_group(group) for group in groups]})


def scrape_text(scraped: Scraped) -> str:
    """A configuration: the processes of one host by their loopback ports, and in a comment the way in from another host."""
    every = words_of(round(scraped.scrape_seconds * 1000))
    document = {
        "global": {"scrape_interval": every, "evaluation_interval": "30s"},
        "rule_files": [RULES_NAME],
        "scrape_configs": [{"job_name": "astrolabe", "file_sd_configs": [{"files": [str(scraped.targets)]}]}],
    }
    elsewhere = _yaml({"scrape_configs": [_from_elsewhere(scraped)]}).splitlines()
    return "\n".join([*_notes(scraped), _yaml(document).rstrip(), "", *_ELSEWHERE, *(f"#   {line}" for line in elsewhere), ""])


def _notes(scraped: Scraped) -> list[str]:
    return [
        f"# {NEEDS} Beside it belongs {RULES_NAME}, from `python -m backend metrics export rules`.",
        "# Each process tells its figures on a loopback port, without a key. The worker of a host keeps the list of the processes on it in",
        f"# {scraped.targets};",
        "# so one Prometheus (or agent) runs on each host, as a user who may read that file. Labels `job` (the role) and `instance` are as",
        "# the embedded store has them. Have the console read this Prometheus by ASTROLABE_PROMETHEUS_URL: then nothing is kept twice.",
        "# Where Prometheus asks its readers for TLS or a password (--web.config.file), set ASTROLABE_PROMETHEUS_CA, _USER and _PASSWORD,",
        "# _BEARER_TOKEN, or _CLIENT_CERTIFICATE and _CLIENT_KEY.",
    ]


_ELSEWHERE = (
    "# From another host, the API alone can be read, at its public address, with a key that has the scope 'operations': keep the key in",
    "# a file that only Prometheus reads. A balancer in front answers for one process at a time, so name the processes themselves.",
)


def _from_elsewhere(scraped: Scraped) -> dict[str, Any]:
    config: dict[str, Any] = {
        "job_name": "api",
        "scheme": "https" if scraped.tls else "http",
        "authorization": {"type": "Bearer", "credentials_file": "/etc/prometheus/astrolabe.key"},
        "static_configs": [{"targets": [scraped.api]}],
    }
    return {**config, "tls_config": {"ca_file": "/etc/prometheus/astrolabe-ca.pem"}} if scraped.tls else config


def _group(group: RuleGroup) -> dict[str, Any]:
    document: dict[str, Any] = {"name": group.name, "interval": _duration(group.interval_seconds)}
    if group.offset_seconds:
        document["query_offset"] = _duration(group.offset_seconds)
    if group.limit:
        document["limit"] = group.limit
    if group.labels:
        document["labels"] = dict(group.labels)
    return {**document, "rules": [_rule(rule) for rule in group.rules]}


def _rule(rule: Rule) -> dict[str, Any]:
    if isinstance(rule, RecordingRule):
        document: dict[str, Any] = {"record": rule.record, "expr": rule.expr}
    else:
        document = {"alert": rule.alert, "expr": rule.expr}
        for name, seconds in (("for", rule.for_seconds), ("keep_firing_for", rule.keep_firing_seconds)):
            if seconds:
                document[name] = _duration(seconds)
    if rule.labels:
        document["labels"] = dict(rule.labels)
    if isinstance(rule, AlertRule) and rule.annotations:
        document["annotations"] = dict(rule.annotations)
    return document


def _duration(seconds: float) -> str:
    return words_of(round(seconds * 1000))


def _yaml(document: Any) -> str:
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=140)
