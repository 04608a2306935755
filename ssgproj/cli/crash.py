"""What a crash report says: versions and the places in the code. No values, no messages, no paths of this machine."""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ssgproj import __version__

PACKAGES = (
    "click", "duckdb", "jinja2", "mimesis", "numpy", "opendp", "pandas", "psycopg", "pyarrow", "pymysql", "ruamel.yaml",
    "smartnoise-sql", "sqlalchemy", "sqlglot",
)  # fmt: skip


def versions() -> dict[str, str]:
    """ssg, Python, the system and every library ssg may use; `-` where one is not installed."""
    found = {
        "ssg": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "-"
    return found


def crash_report(error: BaseException) -> str:
    """The report's text. An exception's message may quote rows or passwords, so only its class is told."""
    lines = [f"{name} {version}" for name, version in versions().items()]
    for raised in _chain(error):
        frames = traceback.extract_tb(raised.__traceback__)
        lines += ["", *(f"{_short(f.filename)}:{f.lineno} in {f.name}" for f in frames)]
        lines.append(f"{type(raised).__module__}.{type(raised).__qualname__}")
    return "\n".join(lines) + "\n"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The first cause first, as Python prints them."""
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    yield from reversed(seen)


def _short(filename: str) -> str:
    """The file's path from the package on, without what stands before it on this machine."""
    path = Path(filename)
    for entry in sorted((e for e in sys.path if e), key=len, reverse=True):
        if path.is_relative_to(entry):
            return path.relative_to(entry).as_posix()
    return path.name
