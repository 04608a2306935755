"""Every other database, through SQLAlchemy's drivers: SQLite, MariaDB and MySQL each in its own way, the rest in a general one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from ssgproj.errors import SsgError
from ssgproj.project.model import Model
from ssgproj.project.refusals import why_refused
from ssgproj.targets.base import Destination, Schema, Session

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine


class AlchemyDestination:
    """One database of a kind that has no module of its own."""

    computes_generated = True
    takes_dictionaries = False

    def __init__(self, url: URL, default_schema: str | None) -> None:
        from ssgproj.targets.ddl.expressions import canonical_dialect

        self.url = url
        self.name = url.get_backend_name()
        self.dialect = canonical_dialect(self.name)
        self.default_schema = default_schema

    @contextmanager
    def session(self, schema: Schema) -> Iterator[Session]:
        from ssgproj.targets.alchemy_general import GeneralSession

        with self._engine() as engine, GeneralSession.begin(engine, schema, self.default_schema) as session:
            yield session

    def identity(self) -> str:
        with self._engine() as engine, engine.connect():
            return f"{self.name}:{self.url.host or ''}:{self.url.port or ''}:{self.url.database or ''}".lower()

    def read(self, model: Model, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        from ssgproj.targets.alchemy_general import read

        with self._engine() as engine:
            yield from read(engine, model, columns, self.default_schema)

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        engine = make_engine(self.url)
        try:
            try:
                engine.connect().close()
            except SQLAlchemyError as error:
                raise SsgError(
                    f"Cannot connect to the {self.name} destination: {why_refused(error)}",
                    "correct the URL (`profiles.yml` says which variable holds it), then: ssg debug",
                ) from None
            yield engine
        finally:
            engine.dispose()


def make_engine(url: URL, **options: Any) -> Engine:
    """An engine that never puts values of rows into its messages."""
    try:
        return create_engine(url, hide_parameters=True, **options)
    except (NoSuchModuleError, ArgumentError):
        raise SsgError(
            f"SQLAlchemy knows no database `{url.drivername}`", "install its driver, or correct the URL in profiles.yml"
        ) from None
    except ImportError as error:
        package = "'ssgproj[mariadb]'" if error.name == "pymysql" else error.name
        raise SsgError(f"The driver of `{url.drivername}` is not installed", f"pip install {package}") from None


def open(url: str, root: Path, default_schema: str | None) -> Destination:
    """A destination for any SQLAlchemy URL; a relative SQLite path is relative to `root`."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError:
        raise SsgError("The destination is not a URL", "write `duckdb:///target/NAME.duckdb`") from None
    if backend == "sqlite":
        from ssgproj.targets.alchemy_sqlite import SqliteDestination

        database = parsed.database
        memory = database in (None, "", ":memory:")
        return SqliteDestination(None if memory else (root / str(database)).absolute())
    if backend in ("mysql", "mariadb"):
        from ssgproj.targets.alchemy_mysql import MysqlDestination

        # Without a driver's name SQLAlchemy would look for one that ssg does not come with.
        bare = "+" not in parsed.drivername
        return MysqlDestination(parsed.set(drivername=f"{backend}+pymysql") if bare else parsed)
    return AlchemyDestination(parsed, default_schema)
