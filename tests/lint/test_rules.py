"""Every rule: cases in which it finds something, at the right place, and cases in which it does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import ssgproj
from ssgproj.lint.fix import apply_edits
from ssgproj.lint.registry import RULES, page, rule
from tests.lint.cases import lint_case, text_at, write_project

CASES = Path(__file__).parent / "rules"


def load(code: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = YAML(typ="safe", pure=True).load((CASES / f"{code}.yml").read_text())
    return found


def cases(kind: str) -> list[Any]:
    return [
        pytest.param(code, case, id=f"{code}-{number}")
        for code in RULES
        if (CASES / f"{code}.yml").exists()
        for number, case in enumerate(load(code).get(kind) or [])
    ]


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_cases_and_a_page(code: str) -> None:
    if rule(code).elsewhere is None:
        found = load(code)
        assert found["fail"] and found["pass"]
        assert bool(found.get("fix")) == rule(code).fixable
    text = page(code)
    assert rule(code).code == code
    positions = [
        text.index(f"## {heading}") for heading in ("What it does", "Why it matters", "Example", "Use instead")
    ]
    assert positions == sorted(positions)


def test_every_code_in_the_source_has_a_rule() -> None:
    package = Path(ssgproj.__file__).parent
    found = {
        c for path in package.rglob("*.py") for c in re.findall(r'"((?:SF|SN|DP|MD|GR|SY|PJ)\d{3})"', path.read_text())
    }
    assert found <= set(RULES)


@pytest.mark.parametrize(("code", "case"), cases("fail"))
def test_fail(code: str, case: dict[str, Any], tmp_path: Path) -> None:
    path = case.get("in_file") or write_project(tmp_path, case)
    if case.get("in_file"):
        write_project(tmp_path, case)
    findings = lint_case(tmp_path, case).findings
    mine = [f for f in findings if f.code == code and f.at.path == path]
    assert mine, [f"{f.code} {f.at} {f.message}" for f in findings]
    for finding in mine:
        assert finding.name == rule(code).name
        assert not finding.message.endswith(".") and finding.message[0] == finding.message[0].upper()
        assert finding.hint or not code.startswith(("SF", "SN", "DP"))
    if "at" in case:
        assert case["at"] in [text_at(tmp_path, f) for f in mine]
    if "line" in case:
        assert case["line"] in [f.at.line for f in mine]


@pytest.mark.parametrize(("code", "case"), cases("pass"))
def test_pass(code: str, case: dict[str, Any], tmp_path: Path) -> None:
    write_project(tmp_path, case)
    findings = lint_case(tmp_path, case).findings
    assert code not in [f.code for f in findings], [f"{f.code} {f.at} {f.message}" for f in findings]
    if not code.startswith(("MD", "GR", "SY", "PJ")):
        assert not [f"{f.code} {f.at} {f.message}" for f in findings if f.is_error and f.at.path.startswith("stats/")]


@pytest.mark.parametrize(("code", "case"), cases("fix"))
def test_fix(code: str, case: dict[str, Any], tmp_path: Path) -> None:
    path = write_project(tmp_path, {**case, "dp": case["before"]})
    for _ in range(5):
        edits = lint_case(tmp_path, case).edits
        if not edits:
            break
        apply_edits(tmp_path, edits)
    text = (tmp_path / path).read_text()
    assert text.endswith(case["after"] + "\n"), text
    assert code not in [f.code for f in lint_case(tmp_path, case).findings]
