"""The project's own `tests/*.py`, under pytest in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ssgproj.errors import SsgError
from ssgproj.project.unit_test import TESTS_DIR

_SETTINGS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
_NONE_COLLECTED = 5


@dataclass(frozen=True, slots=True)
class PythonTest:
    """One test of pytest's: `status` is pass, fail, error or skip; `message` the first line of why."""

    name: str
    status: str
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PythonRun:
    """What pytest said. `code` is its exit code."""

    code: int
    tests: tuple[PythonTest, ...]

    @property
    def passed(self) -> bool:
        return self.code in (0, _NONE_COLLECTED)


def python_tests(root: Path) -> list[Path]:
    """The files that pytest would look into."""
    directory = root / TESTS_DIR
    if not directory.is_dir():
        return []
    return sorted({*directory.rglob("test_*.py"), *directory.rglob("*_test.py")})


def run_python_tests(root: Path, output: IO[str] | int | None = None) -> PythonRun:
    """Run them; what pytest prints goes to `output`. The project is on the import path, as when rows are made.

    Raises SsgError if there is no pytest.
    """
    if importlib.util.find_spec("pytest") is None:
        raise SsgError(
            f"The tests in `{TESTS_DIR}/` need pytest, which is not installed",
            "pip install pytest, or: ssg test --no-python",
        )
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "--rootdir",
            str(root),
            f"--junit-xml={report}",
            "-p",
            "no:cacheprovider",
            "-q",
        ]
        if not any((root / name).is_file() for name in _SETTINGS):
            # Without a file of its own pytest would take that of a directory above.
            command += ["-c", os.devnull]
        code = subprocess.run(  # noqa: S603 - this Python, and the tests of the project at hand
            [*command, TESTS_DIR],
            cwd=root,
            env={**os.environ, "PYTHONPATH": path},
            stdout=output,
            stderr=output,
            check=False,
        ).returncode
        return PythonRun(code, tuple(_read(report)))


def _read(report: Path) -> Iterator[PythonTest]:
    from xml.etree import ElementTree

    if not report.is_file():
        return
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        name = f"{case.get('classname', '')}.{case.get('name', '')}".lstrip(".")
        status, message = "pass", ""
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                status = {"failure": "fail", "error": "error", "skipped": "skip"}[child.tag]
                message = (child.get("message") or "").partition("\n")[0]
        yield PythonTest(name, status, message, float(case.get("time") or 0))
