"""A plan's hash is the same wherever and however often the plan is made, and another for every change that rows could come from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "example_project"
SCRIPT = """
import sys
from pathlib import Path
from ssgproj.engine.fingerprint import fingerprint
from ssgproj.graph.resolve import resolve
from ssgproj.plan.compile import compile_plan
from ssgproj.project.parse import parse_project
from ssgproj.results import load_results
project = parse_project(Path(sys.argv[1]))
plan, _ = compile_plan(resolve(project), stats=load_results(project.root, project.stats))
print(fingerprint(plan))
"""


def fingerprint_of(root: Path, hash_seed: int = 0) -> str:
    """In a process of its own, where sets have an order of their own."""
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root)], env=environment, capture_output=True, text=True, check=True
    )
    return made.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "copy", ignore=shutil.ignore_patterns("target")))


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new, 1))

    return change


def test_it_is_the_same_for_the_same(project: Path, tmp_path: Path) -> None:
    first = fingerprint_of(project, 1)
    shutil.copytree(project, tmp_path / "elsewhere")
    edit("models/users.yml", "table: users", "# a comment\n\ntable: users")(tmp_path / "elsewhere")
    assert fingerprint_of(tmp_path / "elsewhere", 2) == first


@pytest.mark.parametrize(
    "change",
    [
        edit("models/users.yml", "null_rate: 0.58", "null_rate: 0.57"),
        edit("models/sessions.yml", "skew: 1.1", "skew: 1.2"),
        edit("ssg_project.yml", "seed: ", "seed: 1"),
        edit("vocabularies/countries.csv", "DE", "DX"),
        lambda root: (
            (root / "generators").mkdir(exist_ok=True) or (root / "generators" / "new.py").write_text("A = 1\n")
        ),
    ],
    ids=["rate", "option", "seed", "vocabulary", "python"],
)
def test_it_is_another_for_another(project: Path, change: Callable[[Path], None]) -> None:
    before = fingerprint_of(project)
    change(project)
    assert fingerprint_of(project) != before
