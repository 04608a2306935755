from __future__ import annotations

import subprocess
from pathlib import Path

from ssgproj.templating import data_directory, project_files

ROOT = Path(__file__).parents[1]


def test_the_example_is_what_its_template_gives() -> None:
    """`templates/airbnb` and `templates/common` hold the rendered ones; change those, then run `ssg init` over the example."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "example_project"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    tracked = {p.removeprefix("example_project/") for p in listed.stdout.splitlines()}
    made = project_files("airbnb", "airbnb")
    assert set(made) == {p for p in tracked if not p.startswith(".ssg/")}
    for path, content in made.items():
        assert (data_directory("example_project") / path).read_bytes() == content, path


def test_what_running_leaves_behind_is_not_copied(tmp_path: Path) -> None:
    assert not any(p.endswith((".duckdb", ".pyc")) or p.startswith("target/") for p in project_files("airbnb", "x"))


def test_the_dialect_reaches_the_files_that_need_it() -> None:
    files = project_files(None, "shop", "mysql")
    assert b"dialect = mariadb\n" in files[".sqlfluff"]
    assert b"{dialect: mysql}" in files["ssg_project.yml"]
    assert not any(p.startswith("models/") for p in files)
