"""The wheel: what people get who install ssg without a checkout."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(not importlib.util.find_spec("hatchling"), reason="hatchling builds the wheel")
def test_a_project_can_be_made_from_the_wheel_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "installed")
    assert not [n for n in names if n.endswith((".duckdb", ".pyc")) or "/target/" in n or n.startswith("tests/")]
    script = """
import sys
sys.path.insert(0, sys.argv[1])
import ssgproj.templating
assert ssgproj.templating.__file__.startswith(sys.argv[1])
from ssgproj.cli.main import cli
cli.main(["init", sys.argv[2], "--template", "airbnb"])
"""
    arguments = [str(tmp_path / "installed"), str(tmp_path / "airbnb")]
    subprocess.run([sys.executable, "-c", script, *arguments], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "airbnb" / "vocabularies" / "countries.csv").is_file()
