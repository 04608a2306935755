"""Is the source what the project says it is?"""

from __future__ import annotations

from ssgproj.errors import SsgError
from ssgproj.source.connect import SourceConnection

_SAME = {"mariadb": "mysql", "postgresql": "postgres"}


def use_schema(connection: SourceConnection, schema: str | None) -> None:
    """Let names without a schema mean those of the project's `default_schema`, where it says one."""
    if schema and connection.dialect == "postgres":
        quoted = '"' + schema.replace('"', '""') + '"'
        connection.raw.execute(f"SET search_path = {quoted}, public")


def check_dialect(connection: SourceConnection, dialect: str) -> None:
    """Raise SsgError if the project's SQL is not in the language of this source: it was checked in another than it would run in."""
    if _SAME.get(dialect, dialect) != connection.dialect:
        raise SsgError(
            f"The project's SQL is in the dialect `{dialect}`, and the source speaks `{connection.dialect}`",
            hint=f"write in ssg_project.yml: source: {{dialect: {connection.dialect}}}",
        )
