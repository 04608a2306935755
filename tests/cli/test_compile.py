from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ssg


@pytest.fixture
def shop(ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The minimal project, as the working directory."""
    assert ssg("init", "shop").exit_code == 0
    monkeypatch.chdir(work / "shop")
    return work / "shop"


def test_what_it_writes(ssg: Ssg, shop: Path) -> None:
    result = ssg("compile")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == ("2 tables, 0 vocabularies, 0 statistics: target/plan.txt, target/manifest.json\n")
    plan = (shop / "target" / "plan.txt").read_text()
    assert plan.index("1. model.customers") < plan.index("2. model.orders")


def test_the_manifest_is_what_its_schema_says(ssg: Ssg, shop: Path) -> None:
    ssg("compile")
    manifest = json.loads((shop / "target" / "manifest.json").read_text())
    schema = json.loads((shop / "target" / "manifest.schema.json").read_text())
    assert set(manifest) == set(schema["required"])
    assert manifest["order"] == ["model.customers", "model.orders"]
    node_schema = schema["properties"]["nodes"]["additionalProperties"]
    for name, node in manifest["nodes"].items():
        assert set(node) == set(node_schema["required"])
        assert node["id"] == name
        assert (shop / node["path"]).is_file()
    assert manifest["nodes"]["model.orders"]["depends_on"] == ["model.customers"]


def test_nothing_in_it_depends_on_the_place(ssg: Ssg, shop: Path) -> None:
    ssg("compile")
    for path in (shop / "target").rglob("*"):
        if path.is_file():
            assert str(shop) not in path.read_text()


def test_twice_is_the_same(ssg: Ssg, shop: Path) -> None:
    ssg("compile")
    before = {p: p.read_bytes() for p in (shop / "target").iterdir() if p.is_file()}
    ssg("compile")
    assert {p: p.read_bytes() for p in before} == before


def test_a_mistake_is_at_its_place(ssg: Ssg, shop: Path) -> None:
    model = shop / "models" / "orders.yml"
    model.write_text(model.read_text().replace("references: customers.id", "references: custmers.id"))
    result = ssg("compile")
    assert result.exit_code == 1
    assert "models/orders.yml:" in result.stderr
    assert "did you mean `customers" in result.stderr
    assert not (shop / "target").exists()


def test_a_selection_that_is_empty_is_a_mistake(ssg: Ssg, shop: Path) -> None:
    assert ssg("compile", "--select", "ordrs").exit_code == 2
