"""SmartNoise's SQL, as it prints it for PostgreSQL, in the words of DuckDB: the same rows, the same numbers.

Little differs. DuckDB has no window over a volatile order, so the random order that `max_ids` rows per person are sampled in
becomes a column first. Where nobody has more rows than `max_ids` there is nothing to sample, and the window goes. And column
names that are DuckDB's own words are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_STRING = re.compile(r"('[^']*')")
_SAMPLE = re.compile(
    r"SELECT \*, ROW_NUMBER \( \) OVER \( PARTITION BY (?P<by>\S+) ORDER BY RANDOM \( \) \) AS row_num FROM \( "
)
_END = " ) AS clamped ) AS per_key_random WHERE"
DRAW = "ssg_draw"


class UnexpectedSqlError(ValueError):
    """SmartNoise's SQL has not the form that this module knows: another version of it."""


def duckdb_sql(sql: str, columns: Sequence[str], *, sampled: bool) -> str:
    """Rewrite one query. `columns` are the header's; `sampled` is whether somebody has more rows than `max_ids`."""
    if "\\" in sql:
        # SmartNoise takes a backslash for an escape, and no database does: a string would end elsewhere.
        raise UnexpectedSqlError("the query holds a backslash")
    pieces = _STRING.split(sql)
    starts = sum(len(_SAMPLE.findall(p)) for p in pieces[::2])
    ends = sum(p.count(_END) for p in pieces[::2])
    if starts != 1 or ends != 1:
        raise UnexpectedSqlError("the sampling of `max_ids` rows per person is not where it is expected")
    if sampled:
        start = rf"SELECT *, ROW_NUMBER() OVER (PARTITION BY \g<by> ORDER BY {DRAW}) AS row_num FROM ( SELECT *, RANDOM() AS {DRAW} FROM ( "
        end = f" ) AS clamped{_END}"
    else:
        start, end = "SELECT *, 1 AS row_num FROM ( ", _END
    names = re.compile(r"\b(" + "|".join(re.escape(c) for c in columns) + r")\b") if columns else None
    out = []
    for i, piece in enumerate(pieces):
        if i % 2:
            out.append(piece)
            continue
        changed = _SAMPLE.sub(start, piece).replace(_END, end)
        # DuckDB's FLOAT has 32 bits, SmartNoise's 64.
        changed = re.sub(r"\bAS FLOAT\b", "AS DOUBLE", changed)
        out.append(names.sub(r'"\1"', changed) if names else changed)
    return "".join(out)
