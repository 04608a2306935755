from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy.engine import make_url

from tests.cli.conftest import Ssg

PASSWORD = "s3cr3t-zq7"


@pytest.fixture
def shop(ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ssg("init", "shop")
    monkeypatch.chdir(work / "shop")
    return work / "shop"


def checks(ssg: Ssg, *arguments: str) -> dict[str, Any]:
    result = ssg("debug", "--output", "json", *arguments)
    document = json.loads(result.stdout)
    found = {c["name"]: c for c in document["checks"]}
    assert result.exit_code == (1 if any(c["ok"] is False for c in found.values()) else 0)
    assert PASSWORD not in result.output
    return found


def test_a_new_project_is_in_order_and_nothing_is_made(ssg: Ssg, shop: Path) -> None:
    found = checks(ssg)
    assert [n for n, c in found.items() if c["ok"]] == ["project", "settings", "profile", "destination"]
    assert "this directory" in found["project"]["text"]
    assert not (shop / "target").exists()


def test_text_shows_versions_files_and_masked_urls(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSG_SOURCE_URL", f"postgresql://reader:{PASSWORD}@127.0.0.1:1/x")
    result = ssg("debug", "--no-connect")
    assert result.exit_code == 0
    assert "duckdb" in result.stdout
    assert "postgresql *****: not tried" in result.stdout
    assert PASSWORD not in result.output


def test_without_a_project_it_says_so_and_fails(ssg: Ssg) -> None:
    assert checks(ssg)["project"]["ok"] is False


def test_a_broken_settings_file_is_told_with_its_place(ssg: Ssg, shop: Path) -> None:
    (shop / "ssg_project.yml").write_text("name: shop\nprofil: shop\n")
    found = checks(ssg)["settings"]
    assert found["ok"] is False
    assert found["text"].startswith("ssg_project.yml:2:1")


def test_an_unknown_target(ssg: Ssg, shop: Path) -> None:
    assert checks(ssg, "--target", "prod")["profile"]["ok"] is False


def test_a_source_that_does_not_answer_fails_without_its_url(
    ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSG_SOURCE_URL", f"postgresql://reader:{PASSWORD}@127.0.0.1:1/x")
    assert checks(ssg)["source"]["ok"] is False


def test_what_is_no_url_may_be_a_password(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSG_SOURCE_URL", PASSWORD)
    monkeypatch.setenv("SSG_DESTINATION_URL", PASSWORD)
    result = ssg("debug")
    assert result.exit_code == 1
    assert PASSWORD not in result.output


def test_a_destination_that_is_the_source_by_a_link(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb.connect(str(shop / "private.duckdb")).close()
    (shop / "link.duckdb").symlink_to("private.duckdb")
    monkeypatch.setenv("SSG_SOURCE_URL", "duckdb:///private.duckdb")
    monkeypatch.setenv("SSG_DESTINATION_URL", "duckdb:///link.duckdb")
    assert checks(ssg)["apart"]["ok"] is False
    assert checks(ssg, "--no-connect")["apart"]["ok"] is False


def test_one_postgres_database_under_two_names(
    ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch, fresh_postgres: str, postgres_url: str
) -> None:
    monkeypatch.setenv("SSG_SOURCE_URL", fresh_postgres)
    monkeypatch.setenv("SSG_DESTINATION_URL", fresh_postgres.replace("postgresql://", "postgresql+psycopg://"))
    assert checks(ssg)["apart"]["ok"] is False
    other = make_url(fresh_postgres).set(database=make_url(postgres_url).database)
    monkeypatch.setenv("SSG_DESTINATION_URL", other.render_as_string(hide_password=False))
    assert checks(ssg)["apart"]["ok"] is True
