"""What the documentation tells people to type and to open."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.test_main import parses

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "templates").glob("*/*.md.j2")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[tuple[str, str]]:
    return FENCE.findall(page.read_text(encoding="utf-8"))


def test_the_readme_begins_with_two_commands_of_one_line() -> None:
    install_and_run, install_and_test = (text for _, text in blocks(ROOT / "README.md")[:2])
    for command in (install_and_run, install_and_test):
        assert command.count("\n") == 1
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert install_and_run.endswith("ssg run --project-dir example_project\n")
    assert ".venv/bin/python -m pytest" in install_and_test


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_ssg_line_parses(page: Path) -> None:
    for language, text in blocks(page):
        if language in ("", "bash", "sh"):
            for line in text.splitlines():
                if line.strip().startswith("ssg ") and not line.strip().startswith("ssg run-"):
                    parses(line.strip())


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (page.parent / link).exists(), link


def test_every_yaml_example_parses() -> None:
    from ssgproj.project.yaml_file import parse_yaml

    for page in PAGES:
        for language, text in blocks(page):
            if language == "yaml":
                file, problems = parse_yaml(text, page.name)
                assert not problems
                assert file.root is not None


def test_the_files_of_the_page_about_files_make_a_project(tmp_path: Path) -> None:
    """The first block under each heading that is a file's name is that file."""
    from ssgproj.project.parse import parse_project
    from ssgproj.project.profiles import load_profile

    page = (ROOT / "docs" / "project-files.md").read_text(encoding="utf-8")
    for name, text in re.findall(r"^## (\S+\.(?:yml|sql))\n.*?^```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        path = tmp_path / name.replace("NAME", "example")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project = parse_project(tmp_path)
    assert not project.diagnostics
    assert [m.path for m in project.models] == ["models/example.yml"]
    assert [s.name for s in project.stats] == ["example"]
    assert load_profile(tmp_path, project.settings, environ={}).destination
