from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

from ssgproj.lint.linter import lint_result
from ssgproj.privacy.artifacts import stat_artifacts
from ssgproj.privacy.budget import budget
from ssgproj.project.project import PrivacySettings, Project, Settings
from ssgproj.project.stat import parse_stat
from ssgproj.results.file import Result, write_result
from tests.privacy.test_cost import stat

COUNT = "SELECT COUNT(*) AS n FROM query_result"


def test_files_add_up() -> None:
    ten = [stat(COUNT, epsilon=0.1, delta=1e-6)] * 10
    found = budget(ten, PrivacySettings("users.id", 1.0, 1e-5))
    assert (round(found.epsilon, 9), round(found.delta, 12)) == (1.0, 1e-5)
    assert not found.over_epsilon
    assert not found.over_delta
    assert budget([*ten, ten[0]], PrivacySettings("users.id", 1.0, None)).over_epsilon
    assert not budget([*ten, ten[0]], PrivacySettings()).over_epsilon


def test_plain_statistics_spend_nothing() -> None:
    plain, _ = parse_stat(
        "/* ssg:stat\nprivacy: none\nreason: x\n*/\nSELECT COUNT(*) AS n FROM users", "stats/p.sql", "postgres"
    )
    assert budget([plain], PrivacySettings()).spends == ()


def test_artifacts_are_what_is_sent() -> None:
    one = stat("SELECT country, COUNT(*) AS n FROM query_result GROUP BY country", epsilon=0.5)
    files = stat_artifacts(one)
    assert list(files) == [f"compiled/stats/demo.{kind}" for kind in ("query_result.sql", "dp.sql", "metadata.yml")]
    assert files["compiled/stats/demo.query_result.sql"] == one.query_result
    assert files["compiled/stats/demo.dp.sql"] == one.dp
    said = YAML(typ="safe", pure=True).load(files["compiled/stats/demo.metadata.yml"])
    assert said["privacy"] == {"epsilon": 0.25, "delta": 1e-6 / 1.5, "noisy_statistics": 2}
    assert said["releases"] == [{"name": "country", "type": "string"}, {"name": "n", "type": "int"}]
    assert said["metadata"][""][""]["query_result"]["censor_dims"] is True
    assert next(iter(stat_artifacts(one, "SELECT 1").values())) == "SELECT 1"


def test_bounds_that_a_plain_statistic_released(tmp_path: Path) -> None:
    plain, _ = parse_stat(
        "/* ssg:stat\nprivacy: none\nreason: x\n*/\nSELECT AVG(age) AS m FROM users", "stats/p.sql", "postgres"
    )
    write_result(tmp_path, Result("p", plain.meaning, (("m", "float"),), ((87.0,),), reason="x", min_people=10))
    text = stat(COUNT).text.replace("upper: 100", "upper: 87")
    one, _ = parse_stat(text, "stats/demo.sql", "postgres")
    settings = Settings("demo", "demo", dialect="postgres", privacy=PrivacySettings("users.id"))
    found = lint_result(Project(tmp_path, settings, (), stats=(one, plain))).findings
    assert [f.at.path for f in found if f.code == "DP209"] == ["stats/demo.sql"]
