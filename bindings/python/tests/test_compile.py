from __future__ import annotations

from pathlib import Path

import pytest
from conftest import LOGIN_RULE, ROOT, STEPS_RULES

import tocsin

BAD_RULE = """\
title: Bad
logsource: {product: example}
detection:
  s: {user|startwith: adm}
  condition: s
"""


def test_a_text_with_a_line_break_is_rules() -> None:
    rules = tocsin.compile(LOGIN_RULE)
    assert len(rules) == 1
    rule = rules.rules[0]
    assert rule.title == "Login by Kim"
    assert rule.level == "high"
    assert rule.tags == ["attack.t1078"]
    assert rule.log_source == {
        "product": "example",
        "category": "",
        "service": "",
    }
    assert rule.format == "sigma"
    assert rules.fields == ["action", "user"]
    assert rules.documents == 1
    assert rules.refused == 0


def test_a_path_is_a_file_or_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(LOGIN_RULE)
    (tmp_path / "b.toc").write_text(STEPS_RULES)
    assert len(tocsin.compile(tmp_path)) == 3
    assert len(tocsin.compile(str(tmp_path / "a.yml"))) == 1
    assert len(tocsin.compile([tmp_path / "a.yml", tmp_path / "b.toc"])) == 3


def test_the_rules_of_the_examples_are_all_loaded() -> None:
    rules = tocsin.compile(ROOT / "examples" / "rules", strict=True)
    assert [d for d in rules.diagnostics if d.severity == "error"] == []
    assert len(rules) == rules.documents


def test_texts_of_other_formats_say_which() -> None:
    rules = tocsin.compile(STEPS_RULES, format="toc")
    assert [rule.id for rule in rules] == ["many_failures", "no_login"]
    query = 'process where process.name == "a.exe"\n'
    assert len(tocsin.compile(query, format="eql", strict=True)) == 1
    with pytest.raises(ValueError, match="expected one of sigma, toc"):
        tocsin.compile(query, format="sql")  # type: ignore[arg-type]


def test_a_bad_rule_costs_itself_and_is_reported() -> None:
    rules = tocsin.compile(BAD_RULE, LOGIN_RULE)
    assert [rule.title for rule in rules] == ["Login by Kim"]
    assert rules.refused == 1
    (diagnostic,) = rules.diagnostics
    assert diagnostic.severity == "error"
    assert diagnostic.code == "T014"
    assert (diagnostic.line, diagnostic.column) == (4, 12)
    assert diagnostic.length == 9
    assert "startswith" in diagnostic.help
    assert str(diagnostic).startswith("<text>.yml:4:12: error[T014]: unknown")


def test_strict_raises_with_the_diagnostics() -> None:
    with pytest.raises(tocsin.RuleError, match="startwith") as caught:
        tocsin.compile(BAD_RULE, strict=True)
    assert isinstance(caught.value, tocsin.Error)
    assert [d.code for d in caught.value.diagnostics] == ["T014"]


def test_a_missing_path_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        tocsin.compile("nowhere")


def test_pipelines_change_sigma_rules() -> None:
    pipeline = """\
name: renames
priority: 10
transformations:
  - type: field_name_mapping
    mapping: {user: actor}
"""
    rules = tocsin.compile(LOGIN_RULE, pipelines=pipeline, strict=True)
    assert rules.fields == ["action", "actor"]


def test_a_compiler_takes_files_that_are_nowhere_on_disk() -> None:
    compiler = tocsin.Compiler()
    compiler.set_file("users.txt", "kim\nlee\n")
    compiler.add_text(
        'list users from "users.txt"\n'
        "rule listed { detect any where user in users }\n",
        "mine.toc",
    )
    rules = compiler.compile(strict=True)
    engine = tocsin.Engine(rules)
    assert len(engine.feed({"user": "lee"})) == 1
    assert len(engine.feed({"user": "eve"})) == 0


def test_rules_are_equal_by_what_they_say() -> None:
    a, b = tocsin.compile(LOGIN_RULE), tocsin.compile(LOGIN_RULE)
    assert a.rules[0] == b.rules[0]
    assert hash(a.rules[0]) == hash(b.rules[0])
    assert a.rules[0] != tocsin.compile(STEPS_RULES, format="toc").rules[0]


def test_a_rule_outlives_its_set() -> None:
    rule = tocsin.compile(LOGIN_RULE).rules[0]
    assert rule.title == "Login by Kim"


def test_fields_follow_from_those_of_events() -> None:
    table = """\
fields:
  - logsource: {product: example}
    map: {event.category: kind}
"""
    rules = tocsin.compile(
        'any where event.category == "login"\n', format="eql", fields=table,
        strict=True,
    )
    engine = tocsin.Engine(rules, log_source="product=example")
    assert len(engine.feed({"kind": "login"})) == 1
    assert not engine.feed({"kind": "logout"})
