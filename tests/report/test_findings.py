from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ssgproj.lint.linter import LintResult
from ssgproj.report.findings import FORMATS, render_findings, summary
from tests.lint.cases import lint_case, write_project

DP = "SELECT AVG(query_result.age) AS m, COUNT(*) -- noqa: SN105\nFROM query_result HAVING m BETWEEN 1 AND 2"


@pytest.fixture
def result(tmp_path: Path) -> LintResult:
    write_project(tmp_path, {"dp": DP})
    return lint_case(tmp_path, {})


def test_text_shows_the_place(result: LintResult, tmp_path: Path) -> None:
    text = render_findings(result, "text", tmp_path)
    block = next(b for b in text.split("\n\n") if "SN104" in b)
    assert re.match(r"stats/demo\.sql:\d+:12: error SN104 qualified-column\n", block)
    line, marks = (part.split(" | ", 1)[1] for part in block.splitlines()[2:4])
    assert line[marks.index("^") : marks.rindex("^") + 1] == "query_result.age"
    assert block.endswith("hint: write age")


def test_concise_is_a_line_each(result: LintResult, tmp_path: Path) -> None:
    lines = render_findings(result, "concise", tmp_path).splitlines()
    assert len(lines) == len(result.findings)
    assert all(re.match(r"[\w./]+:\d+:\d+: [A-Z]{2}\d{3} ", line) for line in lines)


def test_json(result: LintResult, tmp_path: Path) -> None:
    found = json.loads(render_findings(result, "json", tmp_path))["findings"]
    keys = {"code", "name", "severity", "message", "hint", "path", "line", "column", "end_line", "end_column"}
    assert all(set(f) == keys for f in found)
    one = next(f for f in found if f["code"] == "SN104")
    assert (one["path"], one["column"], one["end_column"], one["severity"]) == ("stats/demo.sql", 12, 28, "error")


def test_github(result: LintResult, tmp_path: Path) -> None:
    text = render_findings(result, "github", tmp_path)
    assert re.search(
        r"^::error file=stats/demo\.sql,line=\d+,endLine=\d+,col=12,endColumn=28,title=SN104 qualified-column::",
        text,
        re.M,
    )
    assert "%0Ahint: write age" in text
    assert re.search(r"^::warning .*DP226", text, re.M)


def test_gitlab(result: LintResult, tmp_path: Path) -> None:
    found = json.loads(render_findings(result, "gitlab", tmp_path))
    assert len({f["fingerprint"] for f in found}) == len(found)
    assert all({"description", "check_name", "fingerprint", "severity", "location"} <= set(f) for f in found)
    assert {f["severity"] for f in found} == {"major", "minor"}


def test_sarif(result: LintResult, tmp_path: Path) -> None:
    log = json.loads(render_findings(result, "sarif", tmp_path))
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(result.findings) + len(result.suppressed)
    for one in run["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
        assert one["level"] in ("error", "warning")
        region = one["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["startColumn"] >= 1
    suppressed = [r for r in run["results"] if "suppressions" in r]
    assert [r["ruleId"] for r in suppressed] == ["SN105"]
    assert suppressed[0]["suppressions"] == [{"kind": "inSource"}]


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found(name: str, tmp_path: Path) -> None:
    text = render_findings(LintResult((), (), ()), name, tmp_path)
    if name in ("json", "gitlab", "sarif"):
        json.loads(text)
    else:
        assert text == ""


def test_summary(result: LintResult) -> None:
    assert summary(()) == "No findings"
    assert re.fullmatch(r"\d+ errors?, \d+ warnings?", summary(result.findings))
