"""`ssg test`: exit codes, selection, forms of output, and the project's Python tests."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Ssg
from tests.unit_tests.projects import make_project, private

STAT = private(
    "id: {type: string, private_id: true}\nage: {type: float, lower: 0, upper: 100}",
    "SELECT id, age FROM users",
    "SELECT AVG(age) AS mean FROM query_result",
)
PASSES = "- {name: right, stat: s, given: [{table: users, rows: [{id: a, age: 3}]}], expect: {answer: {rows: [{mean: 3}]}}}\n"
FAILS = PASSES.replace("right", "wrong").replace("mean: 3", "mean: 4")
CANNOT = PASSES.replace("right", "odd").replace("age: 3", "age: x")


@pytest.fixture
def project(work: Path) -> Path:
    return make_project(work, STAT, PASSES)


def write(project: Path, text: str) -> None:
    make_project(project, STAT, text)


def test_exit_codes(project: Path, ssg: Ssg) -> None:
    result = ssg("test")
    assert (result.exit_code, result.stdout) == (0, "PASS  s: right\n")
    assert result.stderr == "1 unit test: 1 passed\n"
    write(project, PASSES + FAILS + CANNOT)
    result = ssg("test")
    assert result.exit_code == 1
    assert "FAIL  s: wrong  tests/s.yml:3" in result.stdout
    assert "ERROR s: odd  tests/s.yml:4" in result.stdout
    assert "`x` in row 1 of `users` is no value for column `age`" in result.stdout
    assert result.stderr == "3 unit tests: 1 passed, 1 failed, 1 could not be run\n"
    write(project, PASSES + CANNOT)
    assert ssg("test").exit_code == 2
    write(project, PASSES.replace("users", "usres"))
    result = ssg("test")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "did you mean `users`?" in result.stderr
    assert ssg("lint").exit_code == 1
    assert ssg("compile").exit_code == 0


def test_selection(project: Path, ssg: Ssg) -> None:
    write(project, PASSES + FAILS)
    for words, code in (
        (["test:right"], 0),
        (["test:wr*"], 1),
        (["s", "--exclude", "test:wrong"], 0),
        (["stat:s,test:right"], 0),
        (["tests/s.yml"], 1),
        (["right"], 0),
    ):
        assert ssg("test", "--select", *words).exit_code == code, words
    result = ssg("test", "--select", "test:rigt")
    assert result.exit_code == 2
    assert "did you mean `test:right`?" in result.stderr
    assert ssg("test", "--select", "owner:x").exit_code == 2


def test_json_and_junit(project: Path, ssg: Ssg) -> None:
    write(project, PASSES + FAILS + CANNOT)
    result = ssg("test", "--output", "json", "--junit", "target/tests.xml", "--quiet")
    assert result.stderr == ""
    right, wrong, odd = json.loads(result.stdout)["unit_tests"]
    assert (right["status"], wrong["status"], odd["status"]) == ("pass", "fail", "error")
    assert (wrong["path"], wrong["line"]) == ("tests/s.yml", 3)
    assert wrong["parts"][0]["rows"] == [{"expected": [4], "got": [3.0]}]
    assert "`x` in row 1" in odd["message"]
    suite = ElementTree.parse(project / "target/tests.xml").getroot()[0]
    assert {k: suite.get(k) for k in ("tests", "failures", "errors")} == {"tests": "3", "failures": "1", "errors": "1"}
    assert [c.get("name") for c in suite] == ["right", "wrong", "odd"]
    assert "expected" in (suite[1][0].text or "")


def test_python_tests(project: Path, ssg: Ssg) -> None:
    """Under pytest, with the project on the import path and without the settings of directories above."""
    (project / "generators").mkdir()
    (project / "generators" / "g.py").write_text("def double(a):\n    return a * 2\n")
    tests = project / "tests" / "test_g.py"
    body = (
        "from ssgproj.testing import call_generator\nfrom generators.g import double\n\n"
        "def test_double():\n    assert call_generator(double, {'a': 'column.x'}, columns={'x': [1, 2]}) == [2, WANTED]\n"
    )
    tests.write_text(body.replace("WANTED", "4"))
    result = ssg("test", "--output", "json", "--junit", "all.xml")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["python"] == {
        "passed": True,
        "tests": [
            {"name": "tests.test_g.test_double", "status": "pass", "message": "", "seconds": pytest.approx(0, abs=60)}
        ],
    }
    assert len(ElementTree.parse(project / "all.xml").getroot()) == 2
    tests.write_text(body.replace("WANTED", "5"))
    assert ssg("test").exit_code == 1
    assert ssg("test", "--no-python").exit_code == 0
    assert ssg("test", "--select", "s").exit_code == 0
    tests.write_text("import no_such_module\n")
    assert ssg("test").exit_code == 2


def test_without_pytest(project: Path, ssg: Ssg, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "tests" / "test_g.py").write_text("def test_a(): pass\n")
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "pytest" else found(name, *a))
    result = ssg("test")
    assert result.exit_code == 2
    assert "PASS  s: right" in result.stdout
    assert "need pytest" in result.stderr
    assert "pip install pytest, or: ssg test --no-python" in result.stderr


def test_no_tests(project: Path, ssg: Ssg) -> None:
    (project / "tests" / "s.yml").unlink()
    result = ssg("test")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No unit tests: write tests/STAT.yml" in result.stderr
