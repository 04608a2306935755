"""Statistics without differential privacy: one aggregate query, refused where few people stand behind a row."""

from __future__ import annotations

import math
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ssgproj.errors import RunError
from ssgproj.generators.arrow import arrow_type
from ssgproj.privacy.people import PEOPLE, NoPeopleError, people_query
from ssgproj.project.types import Kind, SqlType, parse_type
from ssgproj.source.queries import describe_query, stream_query
from ssgproj.source.stats.outputs import Released, column_type, sort_rows
from ssgproj.vocabularies.text import to_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssgproj.project.project import Project
    from ssgproj.project.stat import Stat
    from ssgproj.source.connect import SourceConnection

MAX_ROWS = 10_000
"""A result with more rows is a table, not a statistic."""
DIGITS = 4
"""Significant digits of a number with a fraction: all seventeen of a sum can tell who is in it. Whole numbers are kept."""


def plain_query(project: Project, stat: Stat) -> str:
    """The query as it is sent: with the count of people. Raises RunError if people cannot be counted."""
    unit = project.settings.privacy.unit
    if unit is None:
        raise RunError(
            f"`{stat.name}` has no differential privacy, and the project does not say whose privacy to protect",
            hint="write in ssg_project.yml: privacy: {unit: users.id}",
        )
    try:
        return people_query(stat, unit, project.models)
    except NoPeopleError as e:
        raise RunError(f"`{stat.name}`: {e}", hint=f"ssg lint {stat.path}") from None
    except ValueError:
        raise RunError(f"The SQL of `{stat.name}` cannot be read", hint=f"ssg lint {stat.path}") from None


def run_plain(connection: SourceConnection, project: Project, stat: Stat) -> Released:
    """Run the query at the source. Raises RunError if a row rests on fewer than `min_people` people and the file says `refuse`."""
    sql = plain_query(project, stat)
    described = describe_query(connection, sql)
    types = [c.type or _untyped(stat, c.name) for c in described]
    names = [c.name for c in described]
    held = [pa.string() if _as_text(t) else arrow_type(t) for t in types]
    rows: list[tuple[Any, ...]] = []
    with closing(stream_query(connection, sql, types, arrow_types=held)) as batches:
        for batch in batches:
            columns = [_values(a, t) for a, t in zip(batch.columns, types, strict=True)]
            rows += zip(*columns, strict=True)
            if len(rows) > MAX_ROWS:
                raise RunError(
                    f"`{stat.name}` gives more than {MAX_ROWS} rows, which is a table and not a statistic",
                    hint="group by fewer or coarser columns",
                )
    return _checked(stat, names, rows)


def _checked(stat: Stat, names: Sequence[str], rows: list[tuple[Any, ...]]) -> Released:
    people = next(i for i, n in enumerate(names) if n.lower() == PEOPLE)
    large = [r for r in rows if (r[people] or 0) >= stat.min_people]
    notes: tuple[str, ...] = ()
    if len(large) < len(rows):
        if stat.on_small != "suppress":
            raise RunError(
                f"A row of `{stat.name}` rests on fewer than {stat.min_people} people, so nothing of it is released",
                hint="group by coarser columns, or leave such rows out: on_small: suppress",
            )
        notes = (f"rows that rest on fewer than {stat.min_people} people were left out",)
    keys = {o.name.lower() for o in stat.outputs if o.key}
    places = [i for i in range(len(names)) if i != people]
    columns = []
    types = []
    for i in places:
        output = stat.output(names[i])
        values = [r[i] for r in large]
        if names[i].lower() not in keys:
            values = [_round(v, output.type if output else None) for v in values]
        columns.append(values)
        types.append(column_type(values, output.type if output else None))
    released = list(zip(*columns, strict=True))
    if "order by" not in " ".join(stat.query_result.lower().split()):
        released = sort_rows(released, [n for n, i in enumerate(places) if names[i].lower() in keys])
    odd = [
        f"`{names[i]}` is not a finite number"
        for i, values in zip(places, columns, strict=True)
        if any(isinstance(v, float) and not math.isfinite(v) for v in values)
    ]
    refused = (*odd, *(() if released else ("nothing was released: no row is left",)))
    return Released(tuple((names[i], t) for i, t in zip(places, types, strict=True)), tuple(released), notes, refused)


def _untyped(stat: Stat, name: str) -> SqlType:
    """Where the database does not say the type before it runs, the file's, else text that is looked at."""
    output = stat.output(name)
    said = output.type if output else "int" if name.lower() == PEOPLE else None
    words = {
        "int": "bigint",
        "float": "double precision",
        "boolean": "boolean",
        "datetime": "timestamp",
        "string": "text",
    }
    return (
        parse_type(words[said])
        if said in words
        else parse_type("numeric")
        if output and not output.key
        else parse_type("text")
    )


def _as_text(type_: SqlType) -> bool:
    return type_.kind is Kind.DECIMAL and type_.precision is None


def _values(array: pa.Array, type_: SqlType) -> list[Any]:
    if _as_text(type_):
        values = [None if v is None else Decimal(v) for v in array.to_pylist()]
    elif pa.types.is_nested(array.type) or pa.types.is_binary(array.type) or pa.types.is_duration(array.type):
        return list(to_text(array, type_).to_pylist())
    else:
        values = array.to_pylist()
    if values and all(
        v is None or (isinstance(v, Decimal) and v == v.to_integral_value() and v.as_tuple().exponent == 0)
        for v in values
    ):
        return [None if v is None else int(v) for v in values]
    return values


def _round(value: Any, type_: str | None) -> Any:
    if isinstance(value, Decimal) and type_ == "float":
        value = float(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Decimal) and value.is_finite() and value:
        return Decimal(format(Decimal(f"{value:.{DIGITS}g}"), "f"))
    return value
