"""What the source's role may do beyond reading. ssg only reads, but a role that can only SELECT is the wall that does not depend on ssg."""

from __future__ import annotations

from ssgproj.errors import SsgError
from ssgproj.source.connect import SourceConnection

_ROLES = "'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files', 'pg_signal_backend', 'pg_write_all_data'"
_POSTGRES = f"""
SELECT
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super,
    (SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles
     WHERE rolname IN ({_ROLES}) AND pg_has_role(current_user, oid, 'USAGE')) AS roles,
    EXISTS (
        SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
        AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    ) AS writes
"""
_WRITING = ("ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "DROP", "SUPER", "FILE")


def excess_rights(connection: SourceConnection) -> str | None:
    """In words what the role may do beyond SELECT, or None. Files that are opened read-only have no roles."""
    try:
        if connection.dialect == "postgres":
            return _postgres(connection)
        if connection.dialect == "mysql":
            return _mysql(connection)
    except SsgError:
        return None  # a role that may not even see its own rights has few
    return None


def rights_warning(connection: SourceConnection) -> str | None:
    """The same as a sentence for people."""
    found = excess_rights(connection)
    return f"The source's role {found}; give ssg one that can only SELECT" if found else None


def _postgres(connection: SourceConnection) -> str | None:
    row = connection.fetch(_POSTGRES)[0]
    if row["super"]:
        return "is a superuser"
    if row["roles"]:
        return f"is a member of {row['roles']}"
    return "may change tables" if row["writes"] else None


def _mysql(connection: SourceConnection) -> str | None:
    grants = " ".join(str(value) for row in connection.fetch("SHOW GRANTS FOR CURRENT_USER") for value in row.values())
    return "may do more than read" if any(word in grants for word in _WRITING) else None
