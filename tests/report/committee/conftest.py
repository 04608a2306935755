"""Projects whose page is looked at: the example, an odd one, and what is made of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ssgproj.graph.resolve import resolve
from ssgproj.plan.compile import compile_plan
from ssgproj.project.parse import parse_project
from ssgproj.report.committee.build import build_document
from ssgproj.report.committee.document import Document
from ssgproj.templating import data_directory

ODD = Path(__file__).parent / "odd"


def document_of(root: Path) -> Document:
    graph = resolve(parse_project(root))
    assert not [d for d in (*graph.project.diagnostics, *graph.diagnostics) if d.is_error]
    plan, problems = compile_plan(graph)
    assert not [d for d in problems if d.is_error]
    return build_document(graph, plan)


@pytest.fixture(scope="session")
def example() -> Document:
    return document_of(data_directory("example_project"))


@pytest.fixture(scope="session")
def odd() -> Document:
    return document_of(ODD)


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of one of the projects, to be changed."""

    def copy(name: str) -> Path:
        root = ODD if name == "odd" else data_directory("example_project")
        ignore = shutil.ignore_patterns("target", "*.duckdb", "__pycache__")
        return Path(shutil.copytree(root, tmp_path / name, ignore=ignore))

    return copy
