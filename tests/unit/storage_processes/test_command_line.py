"""The command line: what each command answers, in words and as JSON, and its exit code."""

from __future__ import annotations

import json
import logging
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml

from backend import __main__ as command_line
from backend.accounts.operator import Operator
from backend.bootstrap import build
from backend.commands import circuit_words
from backend.integrations.place_data import VERSION
from backend.operations.circuit_view import CircuitView, EffectivePolicy
from backend.operations.order_record import OrderRecord
from backend.resilience.orders import Slot
from backend.settings import Settings
from tests.support.ports import free_ports

REASON = "because the test says so"
Command = Callable[..., "Outcome"]


class Outcome:
    """Exit code and what was printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Runs a command over a state folder of its own, whose place index is there already."""
    api, console, metrics = free_ports(3)
    ports = {"API_PORT": api, "CONSOLE_PORT": console, "METRICS_PORT": metrics}
    given = {"STATE_DIR": tmp_path / "var", "GEOCODER_URL": "http://127.0.0.1:9", **ports}
    for name, value in given.items():
        monkeypatch.setenv(f"ASTROLABE_{name}", str(value))
    (tmp_path / "var").mkdir()
    with closing(sqlite3.connect(tmp_path / "var" / "places.db")) as hollow:
        hollow.execute(f"PRAGMA user_version={VERSION}")

    def run(*words: str) -> Outcome:
        monkeypatch.setattr("sys.argv", ["backend", *words])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
            raise SystemExit(0)
        printed = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), printed.out, printed.err)

    yield run
    structlog.reset_defaults()  # a command writes its log lines to what was stderr here, which is closed now
    logging.getLogger().handlers.clear()


@pytest.fixture
def operator(command: Command) -> Operator:
    """The first operator of a migrated installation."""
    assert command("migrate").code == 0
    services = build(Settings(), "test")
    try:
        code = services.accounts.issue_setup_code()
        assert code
        return services.accounts.redeem(code, "ada", "correct horse battery staple", None)
    finally:
        services.close()


def test_migrate_says_what_it_did_once(command: Command) -> None:
    assert command("migrate", "--json").json["steps"] == ["Bringing the database to this version's schema."]
    assert command("migrate").out == "Database and place index are ready.\n"


def test_doctor_ends_with_one_while_something_is_wrong(command: Command) -> None:
    sick = command("doctor", "--json")
    assert sick.code == 1
    assert [finding["name"] for finding in sick.json["findings"] if not finding["ok"]] == ["schema"]
    command("migrate")
    assert command("doctor").code == 0
    assert "ok   schema: The schema is of this version." in command("doctor").out


def test_a_wrong_setting_is_one_sentence_that_names_it(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTROLABE_API_PORT", "eight thousand")
    refused = command("doctor")
    assert refused.code == 1
    assert refused.err.startswith("ASTROLABE_API_PORT: Input should be a valid integer")
    assert refused.err.count("\n") == 1
    assert "eight" not in refused.err


def test_an_operator_is_invited_let_in_again_and_sent_out(command: Command, operator: Operator) -> None:
    assert command("admin", "invite-code", "grace", "developer", "--reason", REASON, "--json").json["role"] == "developer"
    assert "Type this code at /join" in command("admin", "invite-code", "emmy", "viewer", "--reason", REASON).out
    assert command("admin", "end-sessions", "ada", "--reason", REASON).out == "0 sessions of ada ended.\n"
    assert command("admin", "unlock", "ada", "--reason", REASON).code in (0, 1)  # she is not disabled: let in, or told so
    assert command("admin", "unlock", "nobody", "--reason", REASON).err == "There is no operator named nobody.\n"


def test_an_act_without_a_good_reason_is_refused_in_words(command: Command, operator: Operator) -> None:
    refused = command("admin", "end-sessions", "ada", "--reason", "because")
    assert refused.code == 1
    assert "reason" in refused.err


def test_a_setup_code_is_given_only_while_nobody_is_there(command: Command) -> None:
    command("migrate")
    assert len(command("admin", "setup-code", "--json").json["code"]) > 20


def test_no_setup_code_once_there_is_an_operator(command: Command, operator: Operator) -> None:
    assert command("admin", "setup-code").err == "There is an operator already: use invite-code.\n"


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        (("isolate", "--minutes", "5"), "isolated", "geocoder is isolated until "),
        (("force-open", "--minutes", "5"), "forced_open", "geocoder is forced open until "),
        (("disable", "--minutes", "5"), "disabled", "geocoder is disabled until "),
        (("metrics-only", "--minutes", "5"), "metrics_only", "geocoder counts only until "),
        (("reset",), "reset", "geocoder is reset."),
    ],
)
def test_a_circuit_is_steered_though_valkey_is_away(
    command: Command, operator: Operator, words: tuple[str, ...], kind: str, said: str
) -> None:
    ordered = command("breakers", words[0], "geocoder", *words[1:], "--reason", REASON, "--expected-epoch", "0", "--json").json
    assert (ordered["kind"], ordered["epoch"], ordered["actor_name"], ordered["applied_at"]) == (kind, 1, "command line", None)
    again = command("breakers", words[0], "geocoder", *words[1:], "--reason", REASON)
    assert again.out.startswith(said)
    assert again.out.endswith(" The shared state store is away: this is recorded, and applied when it is back.\n")
    assert command("breakers", words[0], "geocoder", "--reason", REASON, "--expected-epoch", "0").err.startswith(
        "This changed since you looked"
    )


def test_a_circuit_is_released_and_the_audit_log_has_it_all(command: Command, operator: Operator) -> None:
    command("breakers", "isolate", "geocoder", "--reason", REASON)
    assert command("breakers", "release", "geocoder", "--reason", REASON).out.startswith("geocoder is released.")
    assert [record["act"] for record in command("audit", "search", "--json").json["records"]][:2] == [
        "circuits.release",
        "circuits.isolate",
    ]
    assert "circuits.isolate  circuit geocoder  done" in command("audit", "search", "--act", "circuits.isolate").out


def test_a_policy_is_changed_from_a_file_and_taken_back(command: Command, operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{"circuit": {"failure_ratio": 0.25}}')
    changed = command("breakers", "policy", "change", "geocoder", str(file), "--reason", REASON, "--json").json
    assert json.loads(changed["body"])["circuit"]["failure_ratio"] == 0.25
    assert command("breakers", "policy", "revert", "geocoder", "--reason", REASON).out.startswith("geocoder goes by the policy before.")
    file.write_text('{"circuit": {"failure_ratio": 25}}')
    assert "circuit.failure_ratio" in command("breakers", "policy", "change", "geocoder", str(file), "--reason", REASON).err
    file.write_text("nothing")
    assert command("breakers", "policy", "change", "geocoder", str(file), "--reason", REASON).code == 1


def test_an_export_says_what_cannot_be_known(command: Command, operator: Operator) -> None:
    command("breakers", "isolate", "geocoder", "--reason", REASON)
    for words in (("export",), ("export", "geocoder"), ("export", "--json")):
        document = command("breakers", *words).json
        assert (document["circuits"]["known"], document["circuits"]["value"]) == ("no", None)
        assert [order["body"] for order in document["orders"]["value"]["geocoder"]] == ["isolated"]


def test_what_cannot_be_known_of_circuits_is_said(command: Command, operator: Operator) -> None:
    for words in (("list",), ("show", "geocoder"), ("show", "elsewhere"), ("policy", "show", "geocoder")):
        unknown = command("breakers", *words)
        assert unknown.code == 1
        assert unknown.err.startswith("This cannot be known now: ")


@pytest.mark.parametrize("role", ["api", "console"])
def test_a_role_does_not_listen_openly_without_tls(command: Command, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    monkeypatch.setenv(f"ASTROLABE_{role.upper()}_HOST", "0.0.0.0")
    monkeypatch.setenv("ASTROLABE_PUBLIC_URL", "https://astrolabe.example.org")
    refused = command(role)
    assert refused.code == 1
    assert f"ASTROLABE_{role.upper()}_HOST=0.0.0.0 is reachable" in refused.err


def test_run_refuses_an_open_listener_and_a_taken_port_in_one_sentence(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTROLABE_CONSOLE_HOST", "0.0.0.0")
    assert command("run").err.count("\n") == 1
    monkeypatch.delenv("ASTROLABE_CONSOLE_HOST")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("ASTROLABE_CONSOLE_PORT", str(port))
        refused = command("run")
    assert refused.code == 1
    assert refused.err.startswith(f"Port {port} on 127.0.0.1 cannot be used")
    assert refused.err.count("\n") == 1


def test_a_circuit_is_described_in_sentences() -> None:
    at = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    held = OrderRecord("1", Slot.OVERRIDE, "geocoder", 3, "isolated", "a trial", "1", "ada", at, at + timedelta(minutes=30), at)
    fault = replace(held, slot=Slot.FAULT, body='{"error_ratio":1}')
    policy = EffectivePolicy({}, "operator", 2, "grace", "as agreed", at)
    view = CircuitView(
        "geocoder", "Geocoder", "ours", "half_open", at, held, 24, 0.25, None, 0.04, (), 30.0, None, (), policy, (1, 2), fault,
        answered={"primary": 0.75, "stale_cache": 0.25},
    )  # fmt: skip
    assert circuit_words.line(view) == "geocoder: half_open, isolated by ada, a fault is being injected"
    assert circuit_words.described(view) == [
        "Geocoder (geocoder) is half-open since 2026-01-01 12:00:00 UTC.",
        "Calls in the last 30 s: 24, 25.0% failed, p95 40 ms.",
        "Isolated by ada until 2026-01-01 12:30:00 UTC: a trial",
        "1 of 2 processes have this.",
        "Its policy was changed by grace, 2026-01-01 12:00:00 UTC: as agreed",
        "A fault is injected by ada until 2026-01-01 12:30:00 UTC.",
        "Answers came from: primary 75.0%, stale_cache 25.0%.",
    ]
    plain = replace(view, override=None, fault=None, since=None, policy=EffectivePolicy({}, "service"), answered=None, configured=False)
    assert circuit_words.line(plain) == "geocoder (of ours): half_open"
    assert circuit_words.described(plain)[::2] == ["Geocoder (geocoder) is half-open.", "No operator holds it."]


def test_files_for_a_prometheus_are_printed(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scraping = yaml.safe_load(command("metrics", "export", "scrape-config").out)
    assert scraping["scrape_configs"][0]["file_sd_configs"] == [{"files": [str(tmp_path / "var" / "metrics" / "targets.json")]}]
    assert [group["name"] for group in yaml.safe_load(command("metrics", "export", "rules").out)["groups"]]
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yml").write_text("groups: 5")
    monkeypatch.setenv("ASTROLABE_METRICS_RULES_DIR", str(tmp_path / "rules"))
    refused = command("metrics", "export", "rules")
    assert (refused.code, refused.err) == (1, "a.yml: groups: must be a list\n")


def test_the_embedded_metrics_server_is_not_started_beside_one_by_url(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_URL", "http://127.0.0.1:9")
    refused = command("metrics", "serve")
    assert refused.code == 1 and "so the embedded one is not started" in refused.err and refused.err.count("\n") == 1
    monkeypatch.setenv("PROMETHEUS_URL", "http://ada:lace@127.0.0.1:9")
    refused = command("metrics", "serve")
    assert refused.code == 1 and "settings of their own" in refused.err and "lace" not in refused.err
