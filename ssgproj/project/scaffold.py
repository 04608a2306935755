"""New projects on disk: all of their files, or none."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ssgproj.errors import SsgError

_MAY_BE_THERE = {".git", ".venv"}
"""What a directory that counts as empty may hold: a new repository, the environment ssg was installed in."""


def check_name(name: str) -> str:
    """The name, if it can be a project's. Raises SsgError."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SsgError(
            f"`{name}` cannot be a project's name: lower-case letters, digits and underscores, a letter first",
            hint=f"--name {name_from(name)}",
        )
    return name


def name_from(text: str) -> str:
    """The nearest name a project can have: `My data-2` is `my_data_2`."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return name if name[:1].isalpha() else f"project_{name}".rstrip("_")


def check_empty(directory: Path) -> None:
    """Raises SsgError if files could be overwritten there."""
    if directory.exists() and not directory.is_dir():
        raise SsgError(f"`{directory}` is a file", hint="name a directory that does not exist yet")
    if directory.is_dir() and any(p.name not in _MAY_BE_THERE for p in directory.iterdir()):
        raise SsgError(
            f"`{directory}` is not empty",
            hint="name another directory, or add --force to write into it (files of the same names are replaced)",
        )


def write_project(directory: Path, files: Mapping[str, bytes]) -> None:
    """Write `files`, by their path inside `directory`: all of them or none. They are written aside first and moved into place at the
    end; if a move fails, what was moved is taken away and what was replaced comes back."""
    created: list[Path] = []
    placed: list[Path] = []
    replaced: list[tuple[Path, Path]] = []
    try:
        _make_directories(directory, created)
        with tempfile.TemporaryDirectory(prefix=".ssg-", dir=directory) as temporary:
            new, old = Path(temporary) / "new", Path(temporary) / "old"
            for path, content in files.items():
                _make_directories((new / path).parent, [])
                (new / path).write_bytes(content)
            try:
                for path in files:
                    target = directory / path
                    _make_directories(target.parent, created)
                    if target.exists():
                        _make_directories((old / path).parent, [])
                        replaced.append((target.rename(old / path), target))
                    placed.append((new / path).rename(target))
            except BaseException:
                for target in placed:
                    target.unlink()
                for aside, target in replaced:
                    aside.rename(target)
                raise
    except BaseException as e:
        for made in reversed(created):
            made.rmdir()
        if isinstance(e, OSError):
            raise SsgError(f"Cannot write the project into `{directory}`: {e.strerror}") from None
        raise


def _make_directories(directory: Path, created: list[Path]) -> None:
    """Make a directory and those above it, noting what was made, outermost first."""
    missing = [p for p in (directory, *directory.parents) if not p.exists()]
    for path in reversed(missing):
        path.mkdir()
        created.append(path)
    if not directory.is_dir():
        raise NotADirectoryError(None, f"`{directory.name}` is a file")
