"""Which columns an SQL expression of a model names that the table does not have.

Most expressions hold nothing but columns, literals and well-known words; that is seen without a parser. Only the others are
parsed, so that a project of a thousand plain tables opens without loading one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/|"((?:[^"]|"")*)"|`([^`]*)`|\[([A-Za-z_][^\]]*)\]"""
    r"""|([^\W\d][\w$]*)(\s*\()?|::\s*[\w. ]+(?:\([\d, ]*\))?(?:\[\])*|[\d.]+(?:e[+-]?\d+)?|.""",
    re.DOTALL | re.IGNORECASE,
)
_WORD_LIST = (
    "and or not is null true false between in like ilike similar to escape case when then else end any all some array row "
    "collate cast as from for distinct unknown interval date time timestamp timestamptz year month day hour minute second "
    "zone at current_date current_time current_timestamp current_user session_user user localtime localtimestamp value "
    "asc desc nulls first last regexp rlike glob exists div mod xor binary isnull notnull with without both leading "
    "trailing integer int bigint smallint numeric decimal text varchar char character varying double precision real "
    "boolean bool json jsonb uuid epoch dow doy week quarter decade century millennium only symmetric overlaps"
)
_WORDS = frozenset(_WORD_LIST.split())
_NEVER_LIST = "ctid xmin xmax cmin cmax tableoid rowid oid _rowid_ current_catalog current_role infinity default"
_NEVER = frozenset(_NEVER_LIST.split())


def unknown_columns(sql: str, columns: Iterable[str], table: str, dialect: str) -> list[str]:
    """Names used as columns in `sql` that are none of `columns`, in order; case is ignored. Empty if the text cannot be read."""
    known = {c.lower() for c in columns} | {table.lower()}
    if not any(word not in known and word not in _WORDS for word in _words(sql)):
        return []
    return [name for name in _parsed(sql, dialect) if name.lower() not in known and name.lower() not in _NEVER]


def _words(sql: str) -> Iterable[str]:
    for match in _TOKEN.finditer(sql):
        if match[2] is not None or match[3] is not None or match[4] is not None:
            yield (match[2] or match[3] or match[4] or "").lower()
        elif match[5] is not None and not match[6]:
            yield match[5].lower()


@lru_cache(maxsize=4096)
def _parsed(sql: str, dialect: str) -> tuple[str, ...]:
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(sql, dialect=dialect or None)
    except (sqlglot.errors.SqlglotError, ValueError, RecursionError):
        return ()
    names: dict[str, None] = {}
    for column in tree.find_all(exp.Column):
        if column.table or not column.name or column.find_ancestor(exp.Lambda, exp.Select, exp.Command):
            continue
        if isinstance(column.this, exp.Identifier):
            names[column.name] = None
    return tuple(names)
