from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Ssg


def test_deletes_target_and_nothing_else(ssg: Ssg, work: Path) -> None:
    ssg("init", "shop")
    before = set((work / "shop").rglob("*"))
    (work / "shop" / "target" / "compiled").mkdir(parents=True)
    (work / "shop" / "target" / "plan.txt").write_text("x")
    assert ssg("clean", "--project-dir", "shop").exit_code == 0
    assert set((work / "shop").rglob("*")) == before


def test_nothing_to_delete_is_fine(ssg: Ssg) -> None:
    ssg("init", "shop")
    assert ssg("clean", "--project-dir", "shop").exit_code == 0


def test_a_link_out_of_the_project_is_not_followed(ssg: Ssg, work: Path) -> None:
    ssg("init", "shop")
    (work / "precious").mkdir()
    (work / "shop" / "target").symlink_to(work / "precious")
    assert ssg("clean", "--project-dir", "shop").exit_code == 2
    assert (work / "precious").exists()
