"""Rule files as strictly as Prometheus reads them; promtool is asked about the same files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from backend.errors import InvalidRequest
from backend.monitoring.rules.export import rules_text
from backend.monitoring.rules.reading import read_folder, read_rules
from backend.monitoring.rules.records import AlertRule, RecordingRule, RuleGroup
from backend.settings import RULES
from tests.support.prometheus import PROMTOOL

WHOLE = """
groups:
  - name: first
    interval: 1m30s
    limit: 5
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
        labels: {team: "a"}
      - record: answer
        expr: 42
      - alert: Down
        expr: up == 0
        for: 5m
        keep_firing_for: 1h
        labels: {severity: page}
        annotations: {summary: "{{ $labels.instance }} is {{ if true }}down{{ end }}"}
  - name: second
"""


def test_every_field_of_a_file_is_read() -> None:
    first, second = read_rules(WHOLE, "a.yml")
    assert first == RuleGroup(
        "first",
        "a.yml",
        (
            RecordingRule("job:up:sum", "sum by (job) (up)", {"team": "a"}),
            RecordingRule("answer", "42"),
            AlertRule(
                "Down",
                "up == 0",
                300.0,
                3600.0,
                {"severity": "page"},
                {"summary": "{{ $labels.instance }} is {{ if true }}down{{ end }}"},
            ),
        ),
        90.0,
        5,
    )
    assert (second.rules, second.interval_seconds, second.key) == ((), 60.0, "a.yml;second")
    assert read_rules("", "empty.yml") == []


RULE = "groups: [{{name: g, rules: [{}]}}]"
WRONG = [
    ("groups: 5", "groups", "not_a_list"),
    ("[]", "", "not_an_object"),
    ("rules: []", "rules", "unknown_field"),
    ("groups: [{name: a}, {name: a}]", "groups[1].name", "twice"),
    ("groups: [{rules: []}]", "groups[0].name", "missing"),
    ("groups: [{name: g, interval: fast}]", "groups[0].interval", "not_a_duration"),
    ("groups: [{name: g, interval: 5}]", "groups[0].interval", "not_a_duration"),
    ("groups: [{name: g, limit: -1}]", "groups[0].limit", "not_a_count"),
    ("groups: [{name: g, other: 1}]", "groups[0].other", "unknown_field"),
    ("groups: [{name: g, name: h}]", "", "not_yaml"),
    ("groups: [&a {name: g}, *a]", "", "not_yaml"),
    ("groups: !!python/object:os.system {}", "", "not_yaml"),
    ("groups: [", "", "not_yaml"),
    (RULE.format("{expr: up}"), "groups[0].rules[0]", "not_a_rule"),
    (RULE.format("{record: a, alert: b, expr: up}"), "groups[0].rules[0]", "not_a_rule"),
    (RULE.format("{record: a-b, expr: up}"), "groups[0].rules[0].record", "not_this_form"),
    (RULE.format("{record: a}"), "groups[0].rules[0].expr", "missing"),
    (RULE.format("{record: a, expr: 'sum('}"), "groups[0].rules[0].expr", "not_a_query"),
    (RULE.format("{record: a, expr: 'up[5m]'}"), "groups[0].rules[0].expr", "not_a_vector"),
    (RULE.format("{record: a, expr: up, for: 5m}"), "groups[0].rules[0].for", "unknown_field"),
    (RULE.format("{record: a, expr: up, annotations: {a: b}}"), "groups[0].rules[0].annotations", "unknown_field"),
    (RULE.format("{record: a, expr: up, labels: {__name__: b}}"), "groups[0].rules[0].labels.__name__", "not_a_label"),
    (RULE.format("{record: a, expr: up, labels: {b: 1}}"), "groups[0].rules[0].labels.b", "not_a_text"),
    (RULE.format("{alert: a, expr: up, for: never}"), "groups[0].rules[0].for", "not_a_duration"),
    (RULE.format("{alert: a, expr: up, labels: {0b: x}}"), "groups[0].rules[0].labels.0b", "not_a_label"),
    (RULE.format("{alert: a, expr: up, annotations: {b: '{{ $value'}}"), "groups[0].rules[0].annotations.b", "not_a_template"),
]


@pytest.mark.parametrize(("text", "path", "code"), WRONG)
def test_what_is_wrong_is_named_with_its_place(text: str, path: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as wrong:
        read_rules(text, "a.yml")
    assert [(problem.field, problem.code) for problem in wrong.value.problems] == [(f"a.yml: {path}" if path else "a.yml", code)]


def test_every_problem_of_a_file_is_told_at_once() -> None:
    text = "groups: [{name: g, limit: x, rules: [{record: 1, expr: '('}, {alert: a}]}]"
    with pytest.raises(InvalidRequest) as wrong:
        read_rules(text, "a.yml")
    assert len(wrong.value.problems) == 4


def test_a_huge_file_is_not_read() -> None:
    with pytest.raises(InvalidRequest, match="more than"):
        read_rules("#" * 1_000_001, "a.yml")


def test_promtool_is_content_with_what_we_read_and_write(tmp_path: Path) -> None:
    shipped, problems = read_folder(RULES)
    assert shipped and not problems
    for name, groups in (("shipped.yml", shipped), ("whole.yml", read_rules(WHOLE, "a.yml"))):
        (tmp_path / name).write_text(rules_text(groups))
        written = [RuleGroup(**{**vars(group), "file": name}) for group in groups]
        assert read_rules((tmp_path / name).read_text(), name) == written
    files = [*(str(path) for path in RULES.glob("*.yml")), *(str(path) for path in tmp_path.glob("*.yml"))]
    checked = subprocess.run([str(PROMTOOL), "check", "rules", *files], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0 and checked.stdout.count("SUCCESS") == 3, checked.stdout + checked.stderr


@pytest.mark.parametrize("code", ["not_this_form", "not_a_query", "twice", "unknown_field", "not_a_duration", "not_a_template"])
def test_promtool_refuses_what_we_refuse(tmp_path: Path, code: str) -> None:
    text = next(text for text, _, its in WRONG if its == code)
    (tmp_path / "wrong.yml").write_text(text)
    checked = subprocess.run([str(PROMTOOL), "check", "rules", str(tmp_path / "wrong.yml")], capture_output=True, text=True, timeout=60)
    assert checked.returncode != 0, text


def test_a_wrong_file_leaves_the_others_in_force(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("groups: [{name: g}]")
    (tmp_path / "b.yaml").write_text("groups: 5")
    (tmp_path / "c.yml").write_bytes(b"\xff\xfe")
    groups, problems = read_folder(tmp_path)
    assert [group.name for group in groups] == ["g"]
    assert [(problem.field, problem.code) for problem in problems] == [("b.yaml: groups", "not_a_list"), ("c.yml", "unreadable")]
