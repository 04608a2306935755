"""LOAD: batches into one destination each."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ssgproj.errors import SsgError

if TYPE_CHECKING:
    from ssgproj.targets.base import Destination

SCHEMES: dict[str, str] = {
    "duckdb": "duckdb",
    "parquet": "parquet",
    "postgres": "postgres",
    "postgresql": "postgres",
    "postgresql+psycopg": "postgres",
    "postgresql+psycopg2": "postgres",
}
"""The module of each URL scheme; every other scheme is SQLAlchemy's."""


def open_destination(url: str, root: Path, default_schema: str | None = None, *, unlogged: bool = False) -> Destination:
    """The destination that a URL names. Reads nothing and connects to nothing.

    Relative paths (`duckdb:///target/x.duckdb`, `sqlite:///x.db`, `parquet:///out`) are relative to `root`; a fourth slash makes
    them absolute. `default_schema` takes the tables whose models name no schema. `unlogged`: PostgreSQL makes its tables so. Raises SsgError for a
    URL that is none, and for `unlogged` elsewhere.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise SsgError(
            "The destination is not a URL", "write `duckdb:///target/NAME.duckdb` or `postgresql://HOST/DATABASE`"
        )
    name = SCHEMES.get(scheme.lower(), "sqlalchemy")
    try:
        module = import_module(f"ssgproj.targets.{name}")
    except ImportError as error:
        raise SsgError(
            f"The destination needs `{error.name}`, which is not installed", f"pip install 'ssgproj[{name}]'"
        ) from None
    if name == "postgres":
        made: Destination = module.open(url, default_schema, unlogged=unlogged)
        return made
    if unlogged:
        raise SsgError("Only PostgreSQL has unlogged tables", "remove `unlogged: true` from profiles.yml")
    opened: Callable[[str, Path, str | None], Destination] = module.open
    if SCHEMES.get(scheme.lower()) in ("duckdb", "parquet"):
        return opened(unquote(rest.split("?")[0].removeprefix("/")), root, default_schema)
    return opened(url, root, default_schema)
