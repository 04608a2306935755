from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from ssgproj.templating import data_directory
from tests.cli.conftest import Ssg

DOCUMENT_KEYS = {
    "statistics",
    "copies",
    "source",
    "tables",
    "code",
    "suppressions",
    "ledger",
    "gaps",
    "summary",
    "epsilon",
    "delta",
}


@pytest.fixture
def airbnb(work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = work / "airbnb"
    shutil.copytree(data_directory("example_project"), root, ignore=shutil.ignore_patterns("target", "*.duckdb"))
    monkeypatch.chdir(root)
    return root


def test_the_page(ssg: Ssg, airbnb: Path) -> None:
    result = ssg("docs")
    assert result.exit_code == 0
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines[0] == "Wrote target/docs.html"
    assert lines[1].startswith("Of 35 source columns, 5 columns are read by 4 statistics with noise")
    page = (airbnb / "target" / "docs.html").read_text()
    assert lines[1] in page
    assert str(airbnb) not in page
    assert sorted(p.name for p in (airbnb / "target").iterdir()) == ["docs.html"]


def test_elsewhere(ssg: Ssg, airbnb: Path, tmp_path: Path) -> None:
    assert ssg("docs", "--output", tmp_path / "there" / "review.html", "-q").stderr == ""
    assert (tmp_path / "there" / "review.html").read_text().startswith("<!doctype html>")
    assert not (airbnb / "target").exists()


def test_the_same_as_data(ssg: Ssg, airbnb: Path) -> None:
    found = json.loads(ssg("docs", "--format", "json", "--output", "-").stdout)
    assert set(found) >= DOCUMENT_KEYS
    assert found["document_version"] == 1
    assert ssg("docs", "--format", "json").exit_code == 0
    assert json.loads((airbnb / "target" / "docs.json").read_text()) == found


def test_a_broken_project_shows_its_findings(ssg: Ssg, airbnb: Path) -> None:
    model = airbnb / "models" / "users.yml"
    model.write_text(model.read_text().replace("stat.age_stats.mean", "stat.age_stat.mean"))
    result = ssg("docs")
    assert result.exit_code == 1
    assert "GR301" in result.stderr
    assert "did you mean `age_stats`?" in result.stderr
    assert not (airbnb / "target").exists()


def test_an_unusable_generator_is_refused_too(ssg: Ssg, airbnb: Path) -> None:
    model = airbnb / "models" / "users.yml"
    model.write_text(model.read_text().replace('{pattern: "[a-z0-9]{10}"}', '{pattern: "[a-z"}'))
    result = ssg("docs")
    assert result.exit_code == 1
    assert "MD301" in result.stderr


def test_neither_a_database_nor_the_projects_python(ssg: Ssg, airbnb: Path) -> None:
    """The source's address leads nowhere, and importing the story would leave a file."""
    profiles = airbnb / "profiles.yml"
    profiles.write_text(profiles.read_text().replace("duckdb:///source.duckdb", "postgresql://nobody@127.0.0.1:1/none"))
    (airbnb / "stories").mkdir(exist_ok=True)
    (airbnb / "stories" / "told.py").write_text(
        "from pathlib import Path\nfrom ssgproj.stories import story\nPath('ran').touch()\n\n"
        "@story(count=1, inserts=['users'], stats=['sessions_per_user'])\ndef told(ctx):\n    yield 'users', {}\n"
    )
    assert ssg("docs").exit_code == 0
    assert not (airbnb / "ran").exists()
    assert "Path(&#39;ran&#39;).touch()" in (airbnb / "target" / "docs.html").read_text()


def test_an_output_that_cannot_be_written(ssg: Ssg, airbnb: Path) -> None:
    (airbnb / "file").touch()
    result = ssg("docs", "--output", "file/docs.html")
    assert result.exit_code == 2


def test_a_project_without_anything_of_the_source(ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ssg("init", "shop").exit_code == 0
    monkeypatch.chdir(work / "shop")
    result = ssg("docs")
    assert result.exit_code == 0
    assert "No column of the source is read or copied" in result.stderr
    assert "Nothing has been released." in (work / "shop" / "target" / "docs.html").read_text()


def large(root: Path, number: int) -> None:
    """Tables that refer to earlier ones, every tenth with a statistic."""
    (root / "models").mkdir(parents=True)
    (root / "stats").mkdir()
    (root / "ssg_project.yml").write_text(
        "name: large\nconfig_version: 1\nprofile: large\nsource: {dialect: postgres}\n"
        "privacy: {unit: t0.id, budget: {epsilon: 5.0, delta: 1.0e-4}}\n"
    )
    for i in range(number):
        plain = "".join(
            f"  c{j}: {{type: {'varchar(20)' if j % 2 else 'integer'}, nullable: true}}\n" for j in range(10)
        )
        parent = f"  parent: {{type: integer, references: t{i * 7 // 11}.id}}\n" if i else ""
        drawn = (
            f"  s: {{type: float, generate: {{normal: {{mean: stat.s{i}.m, std_dev: 1}}}}}}\n" if i % 10 == 1 else ""
        )
        (root / "models" / f"t{i}.yml").write_text(
            f"table: t{i}\nrows: 100\ncolumns:\n  id: {{type: integer, primary_key: true}}\n{parent}{plain}{drawn}"
        )
        if drawn:
            (root / "stats" / f"s{i}.sql").write_text(
                "/* ssg:stat\nepsilon: 0.1\ndelta: 1.0e-6\nmax_ids: 1\ncolumns:\n  id: {type: int, private_id: true}\n"
                "  c0: {type: float, lower: 0, upper: 9}\n*/\n"
                f"WITH query_result AS (SELECT t0.id, t{i}.c0 FROM t0 JOIN t{i} ON t{i}.parent = t0.id WHERE t{i}.c1 = 'x')\n"
                "SELECT AVG(c0) AS m FROM query_result\n"
            )


def test_three_hundred_tables(ssg: Ssg, tmp_path: Path) -> None:
    large(tmp_path / "large", 300)
    start = time.process_time()
    result = ssg("docs", "--project-dir", tmp_path / "large")
    assert result.exit_code == 0, result.stderr
    assert time.process_time() - start < 5
    page = (tmp_path / "large" / "target" / "docs.html").read_text()
    assert len(page) < 4_000_000
    assert "read by 30 statistics with noise" in page
    assert 'id="picture-focus"' in page
    assert 'id="picture-all" hidden' in page
