from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ssgproj.cli.main import cli
from tests.lint.cases import write_project


def run(root: Path, *args: str) -> Result:
    return CliRunner().invoke(cli, ["lint", "--project-dir", str(root), *args])


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    case: dict[str, Any] = {"dp": "SELECT AVG(query_result.age) AS m, COUNT(*) n FROM query_result"}
    write_project(tmp_path, case)
    return tmp_path


def test_errors_exit_1(bad: Path) -> None:
    result = run(bad)
    assert result.exit_code == 1
    assert "SN104" in result.stdout
    assert "SN113" in result.stdout
    assert "statistic spends epsilon 1 of 100" in result.stderr


def test_warnings_exit_0(tmp_path: Path) -> None:
    write_project(tmp_path, {})
    result = run(tmp_path)
    assert (result.exit_code, "GR303" in result.stdout) == (0, True)


def test_fix(bad: Path) -> None:
    result = run(bad, "--fix")
    assert result.exit_code == 0, result.output
    assert (bad / "stats/demo.sql").read_text().endswith("SELECT AVG(age) AS m, COUNT(*) AS n FROM query_result\n")
    assert "Fixed 2 findings in stats/demo.sql" in result.stderr


def test_paths_limit_the_findings(bad: Path) -> None:
    (bad / "stats/other.sql").write_text("SELECT 1\n")
    found = json.loads(run(bad, str(bad / "stats/demo.sql"), "--output", "json").stdout)["findings"]
    assert {f["path"] for f in found} == {"stats/demo.sql"}
    found = json.loads(run(bad, str(bad / "stats"), "--output", "json").stdout)["findings"]
    assert {f["path"] for f in found} == {"stats/demo.sql", "stats/other.sql"}
    assert json.loads(run(bad, str(bad / "models"), "--output", "json").stdout)["findings"] == []
    assert run(bad, "nosuch").exit_code != 0


def test_output_file(bad: Path, tmp_path: Path) -> None:
    result = run(bad, "--output", "sarif", "--output-file", str(tmp_path / "out/lint.sarif"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert json.loads((tmp_path / "out/lint.sarif").read_text())["version"] == "2.1.0"


def test_rule_pages(tmp_path: Path) -> None:
    assert run(tmp_path, "--rule", "dp203").stdout.startswith("# DP203 mixes-people\n")
    assert run(tmp_path, "--list-rules").stdout.startswith("SF001  missing-header")
    assert run(tmp_path, "--rule", "XX1").exit_code != 0


def test_show_suppressed(tmp_path: Path) -> None:
    write_project(
        tmp_path, {"dp": "SELECT secs, COUNT(*) AS n FROM query_result GROUP BY secs -- noqa: DP224 -- at most 60"}
    )
    result = run(tmp_path, "--show-suppressed")
    assert "DP224" in result.stdout
    assert "reason: at most 60" in result.stdout


def test_a_hundred_statistics_are_quick(tmp_path: Path) -> None:
    write_project(tmp_path, {"budget": "{epsilon: 1000, delta: 1.0}"})
    text = (tmp_path / "stats/demo.sql").read_text()
    for number in range(100):
        (tmp_path / f"stats/s{number}.sql").write_text(text.replace("age <=", f"age <= {number} +"))
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "ssgproj.cli.main", "lint", "--output", "concise"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - started < 10  # two seconds on an idle machine
