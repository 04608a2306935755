from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ssg

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def shop(ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ssg("init", "shop")
    monkeypatch.chdir(work / "shop")
    return work / "shop"


@pytest.mark.parametrize("form", ["text", "json", "dot", "mermaid"])
def test_output_is_as_before(ssg: Ssg, shop: Path, form: str) -> None:
    """`tests/cli/golden/ls.FORM`: look at the difference, and if it is meant write the new output there."""
    result = ssg("ls", "--output", form)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (GOLDEN / f"ls.{form}").read_text()


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--select", "orders"), ["model.orders"]),
        (("-s", "+orders"), ["model.customers", "model.orders"]),
        (("--select", "customers", "orders"), ["model.customers", "model.orders"]),
        (("--select", "customers+", "--exclude", "orders"), ["model.customers"]),
        (("--select", "tag:none"), []),
    ],
)
def test_selection(ssg: Ssg, shop: Path, arguments: tuple[str, ...], names: list[str]) -> None:
    result = ssg("ls", *arguments)
    assert result.exit_code == 0
    assert result.stdout.split() == names


def test_nothing_is_still_one_json_document(ssg: Ssg, shop: Path) -> None:
    assert json.loads(ssg("ls", "--select", "tag:none", "--output", "json").stdout) == []


def test_a_name_that_matches_nothing_is_refused(ssg: Ssg, shop: Path) -> None:
    result = ssg("ls", "--select", "order")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "orders" in result.stderr


def test_errors_of_the_project_are_all_shown(ssg: Ssg, shop: Path) -> None:
    for name in ("customers", "orders"):
        path = shop / "models" / f"{name}.yml"
        path.write_text(path.read_text().replace("rows:", "rowz:"))
    result = ssg("ls")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "  --> models/customers.yml:4:1\n" in result.stderr
    assert "  --> models/orders.yml:3:1\n" in result.stderr
    assert result.stderr.endswith("error: The project has 2 errors\n")
