"""SqlSynthGen in an environment of its own: it needs Python 3.9 or 3.10, which ssg does not run on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import BenchmarkError

VERSION = "0.4.2"
REQUIREMENTS = (f"sqlsynthgen=={VERSION}", "click<8.2")  # with a later click none of its options works
_MINORS = ("3.10", "3.9")


def install(directory: Path) -> Path:
    """The `sqlsynthgen` command, installed below `directory` unless it is there already. Raises BenchmarkError where that is not possible."""
    environment = directory / f"sqlsynthgen-{VERSION}"
    command = environment / "bin" / "sqlsynthgen"
    if command.exists():
        return command
    python = next(_pythons(), None)
    if python is None:
        raise BenchmarkError("SqlSynthGen needs Python 3.9 or 3.10, and neither is here")
    shutil.rmtree(environment, ignore_errors=True)
    for arguments in (
        [python, "-m", "venv", str(environment)],
        [str(environment / "bin" / "python"), "-m", "pip", "install", "-q", *REQUIREMENTS],
    ):
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(environment, ignore_errors=True)
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise BenchmarkError(f"SqlSynthGen cannot be installed: {last}")
    return command


def _pythons() -> Iterator[str]:
    """Interpreters that suit, from `PATH`, from uv and from pyenv."""
    for minor in _MINORS:
        candidates = [shutil.which(f"python{minor}")]
        if uv := shutil.which("uv"):
            found = subprocess.run([uv, "python", "find", minor], capture_output=True, text=True, check=False)
            candidates.append(found.stdout.strip() if found.returncode == 0 else None)
        pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
        candidates += map(str, pyenv.glob(f"versions/{minor}.*/bin/python"))
        for candidate in candidates:
            if candidate and _suits(candidate, minor):
                yield candidate


def _suits(python: str, minor: str) -> bool:
    code = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == minor
