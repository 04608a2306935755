"""What is wrong with files of unit tests is found with its line, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssgproj.project.unit_test import parse_unit_tests, read_csv
from tests.unit_tests.projects import plain, private, problems

STAT = private(
    "id: {type: string, private_id: true}\nage: {type: float, lower: 0, upper: 100}",
    "SELECT id, age FROM users",
    "SELECT AVG(age) AS mean FROM query_result",
)
RIGHT = """\
- name: t
  stat: s
  given:
    - table: users
      rows:
        - {id: a, age: 3}
  expect:
    query_result:
      rows: [{id: a, age: 3}]
    answer:
      rows: [{mean: 3}]
"""


def test_a_right_file(tmp_path: Path) -> None:
    assert problems(tmp_path, STAT, RIGHT) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("stat: s", "stat: sa", "tests/s.yml:3 GR301 No stat `sa` | did you mean `s`?"),
        ("table: users", "table: user", "tests/s.yml:5 GR301 No model of a table `user` | did you mean `users`?"),
        ("- {id: a, age: 3}", "- {id: a}\n        - {id: a, aeg: 3}", "tests/s.yml:8 GR301 Table `users` has no column `aeg` | did you mean `age`?"),
        ("{mean: 3}", "{maen: 3}", "tests/s.yml:12 GR301 `s` releases no column `maen` | did you mean `mean`?"),
        ("rows: [{id: a, age: 3}]", "csv: 'id,agee'", "tests/s.yml:10 GR301 `query_result` has no column `agee` | did you mean `age`?"),
        ("answer:", "anwser:", "tests/s.yml:11 PJ003 Unknown key `anwser` in `expect` | did you mean `answer`?"),
        ("expect:", "expected:", "tests/s.yml:8 PJ003 Unknown key `expected` in `unit_tests` | did you mean `expect`?"),
        ("- name: t\n  stat: s", "- stat: s", "tests/s.yml:2 PJ005 `name` is missing in `unit_tests` | write `name: ...`"),
        ("name: t", "name: two words", "PJ006"),
        ("rows: [{mean: 3}]", "rows: 3", "tests/s.yml:12 PJ004 `rows` must be a list of rows"),
        ("rows: [{mean: 3}]", "rows: [3]", "PJ004 `rows` must be a row: a mapping by column"),
        ("      rows: [{mean: 3}]", "      refuse", "tests/s.yml:12 PJ006 `answer` cannot be `refuse` | did you mean `refused`?"),
        ("      rows: [{mean: 3}]", "      refused", "`s` is differentially private, and is never refused"),
        ("      rows: [{mean: 3}]", "      rows: [{mean: 3}]\n      csv: mean", "`answer` has `rows` and `csv` | keep one of them"),
        ("rows: [{mean: 3}]", "csv: \"mean,mean\\n1,2\"", "two have the same"),
        ("rows: [{mean: 3}]", "csv: \"mean\\n1,2\"", "line 2 has 2 fields, and the header 1"),
        ("rows: [{mean: 3}]", "csv: 'mean\n\n\"1'", "a quote in line 2 is not closed"),
        ("rows: [{mean: 3}]", "file: fixtures/none.csv", "There is no file `tests/fixtures/none.csv`"),
        ("rows: [{mean: 3}]", "file: ../../secret.csv", "is outside the project"),
        ("    - table: users", "    - {table: users, rows: []}\n    - table: users", "`users` is given twice"),
        ("  expect:", "  tolerance: 1\n  expect:", "Unknown key `tolerance` in `unit_tests`"),
        ("  expect:", "  now: soon\n  expect:", "`now` must be a date"),
        ("    answer:", "    tolerance: -1\n    answer:", "PJ006"),
        ("- name: t", "- name: t\n  stat: s\n  expect: {answer: {rows: []}}\n- name: t", "`s` has a test `t` already"),
        ("- name: t", "name: t", "PJ001"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, old: str, new: str, found: str) -> None:
    assert old in RIGHT
    text = RIGHT.replace(old, new, 1)
    messages = problems(tmp_path, STAT, text)
    assert any(found in m for m in messages), messages


def test_a_plain_statistic_has_no_query_result(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, plain("SELECT COUNT(*) AS n FROM users"), RIGHT.replace("{mean: 3}", "{n: 1}"))
    assert "`s` has no differential privacy, and so no `query_result`" in found


def test_fixtures_and_other_directories(tmp_path: Path) -> None:
    """Files in fixtures/ are read where a test names them; an empty file is said to be empty."""
    assert parse_unit_tests(tmp_path) == ((), [])
    (tmp_path / "tests" / "deep" / "fixtures").mkdir(parents=True)
    (tmp_path / "tests" / "deep" / "fixtures" / "any.yml").write_text("a: [1")
    (tmp_path / "tests" / "deep" / "empty.yml").write_text("# nothing\n")
    (tmp_path / "tests" / "deep" / "list.yaml").write_text("- 1\n")
    tests, found = parse_unit_tests(tmp_path)
    assert tests == ()
    assert [(d.at.path, d.code) for d in found] == [
        ("tests/deep/empty.yml", "PJ005"),
        ("tests/deep/list.yaml", "PJ004"),
    ]


CELLS = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=6))
def test_csv_gives_back_what_was_written(rows: list[list[str | None]]) -> None:
    """NULL is nothing, every text stands in quotes."""

    def cell(value: str | None) -> str:
        return "" if value is None else '"' + value.replace('"', '""') + '"'

    text = "a,b\n" + "".join(",".join(map(cell, row)) + "\n" for row in rows)
    assert read_csv(text) == (["a", "b"], rows)


def test_csv_as_people_write_it() -> None:
    assert read_csv('a, b\n1 , "x, y" \n\n,""\r\n3,4') == (["a", "b"], [["1", "x, y"], [None, ""], ["3", "4"]])
    assert read_csv("a\n") == (["a"], [])
    with pytest.raises(ValueError, match="no header"):
        read_csv("\n")
