"""SmartNoise's SQL, as it prints it for PostgreSQL, in the words of DuckDB: the same rows, the same numbers.

Little differs. DuckDB has no window over a volatile order, so the random order that `max_ids` rows of each person are sampled in
becomes a column first. Where nobody has more rows than `max_ids` there is nothing to sample, and the window goes. Where there are many
rows, people are sampled in several parts, one after the other, so that memory holds one part. Column names that are DuckDB's own words are
quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_STRING = re.compile(r"('[^']*')")
_QUOTED = re.compile(r"""('[^']*'|"[^"]*")""")
_SAMPLE = re.compile(
    r"SELECT \*, ROW_NUMBER \( \) OVER \( PARTITION BY (?P<by>\S+) ORDER BY RANDOM \( \) \) AS row_num FROM \( "
)
_END = re.compile(r" \) AS clamped \) AS per_key_random WHERE per_key_random\.row_num <= (?P<most>\d+)")
_FLOAT = re.compile(r"\bAS FLOAT\b")
SAMPLED = "ssg_sampled"


class UnexpectedSqlError(ValueError):
    """SmartNoise's SQL has not the form that this module knows: another version of it."""


def duckdb_sql(sql: str, columns: Sequence[str], *, sampled: bool, parts: int = 1) -> list[str]:
    """The statements to run one after the other; the last one gives the rows.

    `columns` are the header's; `sampled` is whether somebody has more rows than `max_ids`, `parts` in how many parts to sample then.
    """
    if "\\" in sql:
        # SmartNoise takes a backslash for an escape, and no database does: a string would end elsewhere.
        raise UnexpectedSqlError("the query holds a backslash")
    masked = _STRING.sub(lambda m: f"'{'.' * (len(m[0]) - 2)}'", sql)
    starts, ends = list(_SAMPLE.finditer(masked)), list(_END.finditer(masked))
    if len(starts) != 1 or len(ends) != 1 or starts[0].end() > ends[0].start():
        raise UnexpectedSqlError("the sampling of `max_ids` rows of each person is not where it is expected")
    start, end = starts[0], ends[0]
    outer, rows, rest = (
        _in_duckdb(text, columns) for text in (sql[: start.start()], sql[start.end() : end.start()], sql[end.end() :])
    )
    person, most = _in_duckdb(start["by"], columns), int(end["most"])
    rest = f"per_key_random WHERE per_key_random.row_num <= {most}{rest}"
    if not sampled:
        return [f"{outer}SELECT *, 1 AS row_num FROM ( {rows} ) AS clamped ) AS {rest}"]
    samples = [
        f"SELECT *, ROW_NUMBER() OVER (PARTITION BY {person} ORDER BY ssg_draw) AS row_num "
        f"FROM ( SELECT *, RANDOM() AS ssg_draw FROM ( {rows} ) AS clamped"
        + (f" WHERE hash({person}) % {parts} = {part} )" if parts > 1 else " )")
        for part in range(parts)
    ]
    if parts == 1:
        return [f"{outer}{samples[0]} ) AS {rest}"]
    filled = [f"SELECT * FROM ( {s} ) WHERE row_num <= {most}" for s in samples]
    return [
        f"CREATE OR REPLACE TEMP TABLE {SAMPLED} AS {filled[0]}",
        *(f"INSERT INTO {SAMPLED} {f}" for f in filled[1:]),
        f"{outer}SELECT * FROM {SAMPLED} ) AS {rest}",
    ]


def _in_duckdb(text: str, columns: Sequence[str]) -> str:
    """Quoted column names, and 64 bits for FLOAT, outside of strings and of names that are quoted as it is."""
    names = re.compile(r"\b(" + "|".join(map(re.escape, columns)) + r")\b")
    pieces = _QUOTED.split(text)
    for i in range(0, len(pieces), 2):
        piece = _FLOAT.sub("AS DOUBLE", pieces[i])
        pieces[i] = names.sub(r'"\1"', piece) if columns else piece
    return "".join(pieces)
