"""From the source to the spool: `query_result` as the header declares it, checked on the way.

What is checked can be said without a value: names and types, NULLs where the header has none, whether people have more rows than
`max_ids`. Bounds are never looked at; SmartNoise clamps to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.errors import RunError
from ssgproj.generators.arrow import arrow_type
from ssgproj.project.types import Kind, SqlType, parse_type
from ssgproj.source.queries import ResultColumn, describe_query, stream_query
from ssgproj.spool import insert_batches
from ssgproj.vocabularies.text import to_text

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat
    from ssgproj.project.stat_header import StatColumn
    from ssgproj.source.connect import SourceConnection

TABLE = "query_result"
IIF = "CREATE MACRO iif(condition, yes, no) AS CASE WHEN condition THEN yes ELSE no END"
"""SmartNoise prints IIF, which DuckDB does not have."""
_ARROW = {
    "int": pa.int64(),
    "float": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "datetime": pa.timestamp("us"),
}
_NUMBERS = {Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY, Kind.YEAR}
_ACCEPTED: dict[str, set[Kind] | None] = {
    "int": _NUMBERS | {Kind.BOOLEAN},
    "float": _NUMBERS,
    "string": None,
    "boolean": {Kind.BOOLEAN},
    "datetime": {Kind.DATE, Kind.TIMESTAMP},
}
_SPELT = {Kind.ARRAY, Kind.INTERVAL}
"""What PostgreSQL sends in a spelling of its own, which is as good as any where a text is asked for."""
_ASKED = {"int": "bigint", "float": "double precision", "string": "text", "boolean": "boolean", "datetime": "timestamp"}


@dataclass(frozen=True, slots=True)
class Intake:
    """What is known of the rows in the spool. `sampled`: somebody has more rows than `max_ids`, so SmartNoise leaves some out."""

    rows: int
    most_rows: int


def take_in(connection: SourceConnection, stat: Stat, spool: Any) -> Intake:
    """Run `query_result` at the source and put it into the spool as the table `query_result`. Raises RunError, without a value."""
    described = describe_query(connection, stat.query_result)
    order = [_place(described, c, stat) for c in stat.columns]
    extra = [d.name for i, d in enumerate(described) if i not in order]
    if extra:
        raise RunError(
            f"`query_result` of `{stat.name}` gives columns that its header does not declare: {', '.join(f'`{n}`' for n in extra)}",
            hint="declare them under `columns:`, or leave them out of the query",
        )
    by_place = dict(zip(order, stat.columns, strict=True))
    types = [_source_type(d, by_place[i], stat, connection.dialect) for i, d in enumerate(described)]
    batches = stream_query(
        connection,
        stat.query_result,
        types,
        names=[by_place[i].name for i in range(len(described))],
        arrow_types=[pa.string() if _unsized(t) else arrow_type(t) for t in types],
    )
    columns = [by_place[i] for i in range(len(described))]
    spool.execute(IIF)
    with closing(batches):
        rows = insert_batches(spool, TABLE, _declared(batches, columns, types, stat))
    return Intake(rows, _most_rows(spool, stat, rows))


def _place(described: Sequence[ResultColumn], column: StatColumn, stat: Stat) -> int:
    exact = [i for i, d in enumerate(described) if d.name == column.name]
    near = exact or [i for i, d in enumerate(described) if d.name.lower() == column.name.lower()]
    if len(near) == 1:
        return near[0]
    what = "gives no column" if not near else "gives several columns"
    raise RunError(
        f"`query_result` of `{stat.name}` {what} `{column.name}`, which its header declares",
        hint=f"select it once: ... AS {column.name}",
    )


def _source_type(found: ResultColumn, column: StatColumn, stat: Stat, dialect: str) -> SqlType:
    """The type to read the column in. Raises RunError if the header's type cannot hold what the source gives."""
    said = column.type or "string"
    if found.type is None:
        return parse_type(_ASKED[said])
    accepted = _ACCEPTED[said]
    if accepted is not None and found.type.kind not in accepted:
        raise RunError(
            f"`query_result` of `{stat.name}` gives `{column.name}` as `{found.type.text}`, and its header says `{said}`",
            hint="correct the header's type, or convert the column in the query with CAST",
        )
    if said == "string" and dialect == "postgres" and found.type.kind in _SPELT:
        return parse_type(_ASKED[said])
    return found.type


def _unsized(type_: SqlType) -> bool:
    return type_.kind is Kind.DECIMAL and type_.precision is None


def _declared(
    batches: Iterator[pa.RecordBatch], columns: Sequence[StatColumn], types: Sequence[SqlType], stat: Stat
) -> Iterator[pa.RecordBatch]:
    schema = pa.schema([(c.name, _ARROW[c.type or "string"]) for c in columns])
    yield pa.RecordBatch.from_pylist([], schema=schema)
    for batch in batches:
        arrays = []
        for array, column, type_ in zip(batch.columns, columns, types, strict=True):
            try:
                values = _convert(array, column.type or "string", type_)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                raise RunError(
                    f"A value of `{column.name}` in `query_result` of `{stat.name}` does not fit the header's type `{column.type}`",
                    hint="correct the header's type, or round or convert the column in the query",
                ) from None
            if values.null_count and (column.private_id or column.nullable is False):
                what = "the private id" if column.private_id else "declared `nullable: false`"
                raise RunError(
                    f"`{column.name}` in `query_result` of `{stat.name}` is {what}, and is NULL in some rows",
                    hint=f"leave these rows out in the query: WHERE {column.name} IS NOT NULL",
                )
            arrays.append(values)
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _convert(array: pa.Array, said: str, type_: SqlType) -> pa.Array:
    wanted = _ARROW[said]
    if array.type == wanted:
        return _without_nan(array)
    if said == "string":
        return to_text(array, type_)
    if said == "datetime" and pa.types.is_timestamp(array.type):
        # Arrow keeps the instant; its UTC clock is what SmartNoise sees.
        return pc.cast(pc.cast(array, pa.timestamp("us", "UTC")), pa.int64()).cast(wanted)
    if _unsized(type_):
        array = pc.replace_substring_regex(array, "^(?i:nan)$", "nan")
        return _without_nan(pc.cast(array, pa.float64())) if said == "float" else _whole(array)
    if said == "int" and pa.types.is_boolean(array.type):
        return pc.cast(pc.cast(array, pa.int8()), wanted)
    return _without_nan(pc.cast(array, wanted))


def _whole(texts: pa.Array) -> pa.Array:
    """Whole numbers from decimal text; raises ArrowInvalid for a fraction that is not zero."""
    return pc.cast(pc.replace_substring_regex(texts, r"\.0*$", ""), pa.int64())


def _without_nan(array: pa.Array) -> pa.Array:
    """A number that is none is NULL, as it is on SmartNoise's way through a data frame."""
    if not pa.types.is_floating(array.type):
        return array
    return pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)


def _most_rows(spool: Any, stat: Stat, rows: int) -> int:
    person = stat.private_id
    if person is None or rows == 0:
        return rows
    name = '"' + person.name.replace('"', '""') + '"'
    found = spool.execute(f"SELECT max(n) FROM (SELECT count(*) AS n FROM {TABLE} GROUP BY {name})").fetchone()
    return int(found[0]) if found and found[0] is not None else 0
