"""`ssg_project.yml`, finding it, and the version it wants."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ssgproj.errors import SsgError
from ssgproj.project.discovery import find_project
from ssgproj.project.settings import read_settings, version_fits


def write(root: Path, text: str) -> Path:
    (root / "ssg_project.yml").write_text(text, encoding="utf-8")
    return root


def test_everything_is_read(tmp_path: Path) -> None:
    settings, problems = read_settings(
        write(
            tmp_path,
            """\
name: airbnb
config_version: 1
profile: other
source: {dialect: postgres, default_schema: public}
privacy: {unit: users.id, budget: {epsilon: 1, delta: 1e-5}}
generation: {seed: 7, locale: en-gb, rows: 10, null_rate: 0, now: "2024-02-03T04:05:06+01:00"}
vars: {n: 200, list: [a, 1]}
lint: {ignore: [GR303]}
requires_ssg: ">=0.0.1,<99"
""",
        )
    )
    assert not problems
    assert (settings.name, settings.profile, settings.dialect, settings.default_schema) == (
        "airbnb",
        "other",
        "postgres",
        "public",
    )
    assert (settings.privacy.unit, settings.privacy.epsilon, settings.privacy.delta) == ("users.id", 1.0, 1e-5)
    assert settings.generation.now == datetime(2024, 2, 3, 3, 5, 6)
    assert (settings.generation.seed, settings.generation.rows, settings.generation.null_rate) == (7, 10, 0.0)
    assert settings.vars == {"n": 200, "list": ["a", 1]}
    assert settings.lint_ignore == ("GR303",)
    assert str(settings.places["privacy.budget.epsilon"]) == "ssg_project.yml:5:36"


def test_defaults(tmp_path: Path) -> None:
    settings, problems = read_settings(write(tmp_path, "name: x\n"))
    assert not problems
    assert (settings.profile, settings.dialect, settings.generation.rows) == ("x", "duckdb", 1000)


@pytest.mark.parametrize(
    ("text", "code", "place", "hint"),
    [
        ("nam: x\nname: x\n", "PJ003", "1:1", "did you mean `name`?"),
        ("name: x\nsource: {dialect: postgresql}\n", "PJ006", "2:19", "write postgres"),
        ("name: x\nsource: {dialect: mariadb}\n", "PJ006", "2:19", "write mysql"),
        ("name: x\ngeneration: {locale: en-bg}\n", "PJ006", "2:22", "did you mean `en-gb`?"),
        ("name: x\nsource: {dialect: postgre}\n", "PJ006", "2:19", "did you mean `postgres`?"),
        ("name: x\nprivacy: {unit: users}\n", "PJ006", "2:17", "users.id"),
        ("name: x\nprivacy: {budget: {epsilon: 0}}\n", "PJ006", "2:29", None),
        ("name: x\nprivacy: {budget: {epsilon: .nan}}\n", "PJ006", "2:29", None),
        ("name: x\nprivacy: {budget: {delta: 2}}\n", "PJ006", "2:27", None),
        ("name: x\ngeneration: {rows: -1}\n", "PJ006", "2:20", None),
        ("name: x\ngeneration: {seed: abc}\n", "PJ004", "2:20", None),
        ("name: x\ngeneration: {now: yesterday}\n", "PJ006", "2:19", "2025-01-01"),
        ("name: x\ngeneration: {null_rate: 1.5}\n", "PJ006", "2:25", None),
        ("name: x\nvars: [1]\n", "PJ004", "2:7", None),
        ("name: x\nvars: {a-b: 1}\n", "PJ006", "2:8", None),
        ("name: x\nlint: {ignore: [gr303]}\n", "PJ006", "2:17", "GR303"),
        ("name: x\nconfig_version: 2\n", "PJ006", "2:17", None),
        ("name: x\nrequires_ssg: new\n", "PJ006", "2:15", ">=0.1"),
        ("name: 12\n", "PJ004", "1:7", '"12"'),
        ("profile: x\n", "PJ005", "1:1", "name: "),
        ("- name\n", "PJ004", "1:1", None),
        ("", "PJ005", "1:1", "name: "),
        ("name: [x\n", "PJ001", "2:1", None),
    ],
)
def test_mistakes(tmp_path: Path, text: str, code: str, place: str, hint: str | None) -> None:
    _, problems = read_settings(write(tmp_path, text))
    assert [d.code for d in problems] == [code], problems
    assert str(problems[0].at) == f"ssg_project.yml:{place}"
    if hint:
        assert problems[0].hint is not None and hint in problems[0].hint


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    settings, problems = read_settings(
        write(tmp_path, "name: x\nprofil: y\nsource: {dialect: 1}\ngeneration: {rows: x, seed: 3}\n")
    )
    assert len(problems) == 3
    assert settings.generation.seed == 3


def test_vars_are_overridden(tmp_path: Path) -> None:
    root = write(tmp_path, "name: x\nvars: {sign_ups: 1, b: 2}\n")
    assert read_settings(root, {"sign_ups": 9})[0].vars == {"sign_ups": 9, "b": 2}
    with pytest.raises(SsgError) as error:
        read_settings(root, {"sing_ups": 9})
    assert error.value.hint == "did you mean `sign_ups`?"


def test_another_version_is_wanted(tmp_path: Path) -> None:
    _, problems = read_settings(write(tmp_path, 'name: x\nrequires_ssg: ">=90"\n'))
    assert [(d.code, str(d.at)) for d in problems] == [("PJ010", "ssg_project.yml:2:1")]


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("0.1.0", ">=0.1,<0.2", True), ("0.2.0", ">=0.1,<0.2", False), ("0.1", "==0.1.0", True), ("1.10", ">1.9", True), ("1.4.5", "~=1.4", True),
        ("2.0", "~=1.4", False), ("1.4.5", "~=1.4.2", True), ("1.5", "~=1.4.2", False), ("1.0", "!=1.0", False), ("0.1.0.dev1", "<=0.1.0", False),
    ],
)  # fmt: skip
def test_ranges_of_versions(version: str, wanted: str, fits: bool) -> None:
    assert version_fits(version, wanted) is fits


def test_the_nearest_parent_wins(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b" / "c"
    inner.mkdir(parents=True)
    write(tmp_path, "name: x\n")
    assert find_project(start=inner, environ={}) == tmp_path.resolve()
    write(tmp_path / "a", "name: y\n")
    assert find_project(start=inner, environ={}) == (tmp_path / "a").resolve()
    assert find_project(start=inner, environ={"SSG_PROJECT_DIR": str(tmp_path)}) == tmp_path.resolve()
    assert find_project(tmp_path / "a", environ={"SSG_PROJECT_DIR": str(tmp_path)}) == (tmp_path / "a").resolve()
    assert find_project(tmp_path / "ssg_project.yml", environ={}) == tmp_path.resolve()


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(SsgError, match=r"No `ssg_project\.yml`"):
        find_project(tmp_path, environ={})
    with pytest.raises(SsgError, match="SSG_PROJECT_DIR"):
        find_project(environ={"SSG_PROJECT_DIR": str(tmp_path)})
    with pytest.raises(SsgError):
        read_settings(tmp_path)
