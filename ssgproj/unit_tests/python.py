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
    """What pytest said. `code` is its exit code, `output` what it printed, if that was kept."""

    code: int
    tests: tuple[PythonTest, ...]
    output: str = ""

    @property
    def passed(self) -> bool:
        return self.code in (0, _NONE_COLLECTED)


def python_tests(root: Path) -> list[Path]:
    """The files that pytest would look into."""
    directory = root / TESTS_DIR
    if not directory.is_dir():
        return []
    return sorted({*directory.rglob("test_*.py"), *directory.rglob("*_test.py")})


def run_python_tests(root: Path, *, captured: bool = False) -> PythonRun:
    """Run them, with the project on the import path, as when rows are made. What pytest prints is printed, or kept if `captured`.

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
        options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(root), f"--junit-xml={report}"]
        if not any((root / name).is_file() for name in _SETTINGS):
            # Without a file of its own pytest would take that of a directory above.
            options += ["-c", os.devnull]
        done = subprocess.run(  # noqa: S603 - this Python, and the tests of the project at hand
            [sys.executable, "-m", "pytest", *options, TESTS_DIR],
            cwd=root,
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE if captured else None,
            stderr=subprocess.STDOUT if captured else None,
            text=True,
            errors="replace",
            check=False,
        )
        return PythonRun(done.returncode, tuple(_read(report)), done.stdout or "")


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
