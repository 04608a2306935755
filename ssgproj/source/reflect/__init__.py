"""Read a database's catalogs into models: its tables, and the types, sequences and functions they need.

No row of a table is read. What a model cannot say, and what is left out on purpose (views, triggers, rules, policies), is
named in `notes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module

from ssgproj.errors import SsgError
from ssgproj.project.model import Model, SchemaObjects
from ssgproj.project.model_dict import canonical
from ssgproj.source.connect import SourceConnection, connect, describe_error


@dataclass(frozen=True, slots=True)
class Reflection:
    """A database as models, sorted by schema and name. `default_schema` is the one that models leave unsaid."""

    models: tuple[Model, ...]
    objects: SchemaObjects
    dialect: str
    default_schema: str | None
    notes: tuple[str, ...] = ()


def reflect(url: str, schemas: Sequence[str] | None = None) -> Reflection:
    """Reflect the database behind a URL: these schemas, or all that are not the system's (in MariaDB: the URL's database).

    Raises SsgError if it cannot be opened, or if a schema asked for is not there.
    """
    with connect(url) as connection:
        return reflect_connection(connection, schemas)


def reflect_connection(connection: SourceConnection, schemas: Sequence[str] | None = None) -> Reflection:
    """As `reflect`, on an open connection."""
    module = import_module(f"ssgproj.source.reflect.{connection.dialect}")
    try:
        found: Reflection = module.reflect(connection, None if schemas is None else list(schemas))
    except SsgError:
        raise
    except Exception as error:
        # A driver's error: its text may quote values.
        if type(error).__module__.partition(".")[0] in ("psycopg", "duckdb", "_duckdb", "sqlite3", "pymysql"):
            raise SsgError(f"The source did not answer a query ({describe_error(error)})") from None
        raise
    # The order in which their files give them back, so that a project can be compared with its source.
    return replace(found, models=tuple(canonical(m) for m in found.models))


def unknown_schemas(wanted: Sequence[str], known: Sequence[str]) -> SsgError:
    """What to say about schemas that were asked for and are not there."""
    missing = ", ".join(f"`{s}`" for s in wanted if s not in known)
    return SsgError(
        f"The source has no schema {missing}",
        hint=f"Choose from {', '.join(f'`{s}`' for s in known)}" if known else "Leave the schemas out",
    )
