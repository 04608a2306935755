from __future__ import annotations

from pathlib import Path
from typing import Any

from ssgproj.lint.linter import LintResult
from ssgproj.lint.noqa import find_noqa
from tests.lint.cases import lint_case, write_project


def linted(root: Path, **case: Any) -> LintResult:
    write_project(root, case)
    return lint_case(root, case)


def codes(result: LintResult) -> list[str]:
    return [f.code for f in result.findings if f.code != "GR303"]


def test_a_code_silences_its_rule_on_its_line(tmp_path: Path) -> None:
    result = linted(tmp_path, dp="SELECT COUNT(*)\n    -- noqa: SN105\nFROM query_result")
    assert codes(result) == ["SN105", "SF010"]
    result = linted(tmp_path, dp="SELECT\n    COUNT(*) -- noqa: SN105\nFROM query_result")
    assert codes(result) == []
    assert [(s.finding.code, s.reason) for s in result.suppressed] == [("SN105", None)]


def test_several_codes_and_a_reason(tmp_path: Path) -> None:
    dp = "SELECT secs, COUNT(*) FROM query_result GROUP BY secs -- noqa: SN105, DP224 -- whole seconds, at most 60"
    result = linted(tmp_path, dp=dp)
    assert codes(result) == []
    assert {(s.finding.code, s.reason) for s in result.suppressed} == {
        ("SN105", "whole seconds, at most 60"),
        ("DP224", "whole seconds, at most 60"),
    }


def test_privacy_needs_a_reason(tmp_path: Path) -> None:
    result = linted(tmp_path, dp="SELECT secs, COUNT(*) AS n FROM query_result GROUP BY secs -- noqa: DP224")
    assert codes(result) == ["DP224", "SF011"]
    assert not result.suppressed


def test_in_the_header(tmp_path: Path) -> None:
    old = "secs: {type: float, lower: 0, upper: 1000}"
    new = "secs: {type: float, lower: 0, upper: 986.41}  # noqa: DP209 -- the sensor's range"
    result = linted(tmp_path, header_text=(old, new))
    assert codes(result) == []
    assert [s.reason for s in result.suppressed] == ["the sensor's range"]


def test_in_a_model(tmp_path: Path) -> None:
    model = "table: extra\ncolumns:\n  id: {type: integr}   # noqa: MD009\n"
    result = linted(tmp_path, files={"models/extra.yml": model})
    assert codes(result) == []
    model = model.replace("integr}", "integer}")
    result = linted(tmp_path, files={"models/extra.yml": model})
    assert codes(result) == ["SF010"]


def test_bare_and_foreign_comments(tmp_path: Path) -> None:
    assert codes(linted(tmp_path, dp="SELECT COUNT(*) FROM query_result -- noqa")) == ["SN105", "SF011"]
    assert codes(linted(tmp_path, dp="SELECT COUNT(*) AS n FROM query_result -- noqa")) == []
    assert codes(linted(tmp_path, dp="SELECT COUNT(*) AS n FROM query_result -- noqa: LT01, AL01")) == []


def test_the_project_ignores_codes(tmp_path: Path) -> None:
    write_project(tmp_path, {"dp": "SELECT COUNT(*) FROM query_result"})
    settings = tmp_path / "ssg_project.yml"
    settings.write_text(settings.read_text() + "lint: {ignore: [SN105]}\n")
    assert codes(lint_case(tmp_path, {})) == []


def test_reading_comments() -> None:
    found = find_noqa("a.sql", "x -- noqa: sn101,DP204 -- why\ny # noqa : MD001\nz -- noqa\n'-- nothing'")
    assert found[1].codes == ("SN101", "DP204")
    assert found[1].reason == "why"
    assert found[2].codes == ("MD001",)
    assert found[3].bare
    assert found[1].at.column == 3
