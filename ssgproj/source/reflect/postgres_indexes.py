"""PostgreSQL's indexes in parts, with the server's own text wherever the parts do not say all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ssgproj.project.model import Index, IndexPart
from ssgproj.source.reflect.postgres_names import Names
from ssgproj.source.reflect.postgres_text import condition, expression, strip_brackets

_DESCENDING, _NULLS_FIRST = 1, 2


def index(row: Mapping[str, Any], table: Mapping[str, Any], labels: Mapping[int, str], names: Names) -> Index:
    """One index. `labels` are the names of the table's columns by number."""
    keys = int(row["keys"])
    parts = tuple(_part(row, k, labels) for k in range(keys))
    include = tuple(labels[n] for n in row["columns"][keys:])
    found = Index(
        parts=parts,
        name=row["name"],
        unique=row["is_unique"],
        where=condition(row["predicate"]) if row["predicate"] else None,
        using=None if row["method"] == "btree" else row["method"],
        include=include,
        nulls_not_distinct=row["nulls_not_distinct"],
    )
    only = "ONLY " if row["kind"] == "I" else ""
    place = f"ON {only}{names.quote(table['schema'])}.{names.quote(table['name'])} USING "
    tablespace = f" TABLESPACE {names.quote(row['tablespace'])}" if row["tablespace"] else ""
    definition = row["definition"].replace(tablespace, "", 1) if tablespace else row["definition"]
    if _spelled(row, found, place, names) == definition:
        return found
    written = definition.replace(place, f"ON {names.qualified(table['schema'], table['name'])} USING ", 1)
    return Index(**{**_fields(found), "sql": expression(written)})


def _fields(found: Index) -> dict[str, Any]:
    return {f: getattr(found, f) for f in Index.__dataclass_fields__}


def _part(row: Mapping[str, Any], k: int, labels: Mapping[int, str]) -> IndexPart:
    number = row["columns"][k]
    words = []
    if row["collations"][k]:
        words.append(f"COLLATE {row['collations'][k]}")
    if row["operator_classes"][k]:
        words.append(row["operator_classes"][k])
    if row["can_order"]:
        words += _order(row["flags"][k])
    suffix = " ".join(words) or None
    if number > 0:
        return IndexPart(column=labels[number], suffix=suffix)
    return IndexPart(expression=condition(strip_brackets(row["parts"][k])), suffix=suffix)


def _order(flags: int) -> list[str]:
    if flags & _DESCENDING:
        return ["DESC"] if flags & _NULLS_FIRST else ["DESC NULLS LAST"]
    return ["NULLS FIRST"] if flags & _NULLS_FIRST else []


def _spelled(row: Mapping[str, Any], found: Index, place: str, names: Names) -> str:
    """What the server would print for an index of these parts and nothing else."""
    keys = [
        " ".join(
            [names.quote(p.column) if p.column is not None else row["parts"][k], *([p.suffix] if p.suffix else [])]
        )
        for k, p in enumerate(found.parts)
    ]
    text = f"CREATE {'UNIQUE ' if found.unique else ''}INDEX {names.quote(row['name'])} {place}{row['method']} "
    text += f"({', '.join(keys)})"
    if found.include:
        text += f" INCLUDE ({names.columns(found.include)})"
    if found.nulls_not_distinct:
        text += " NULLS NOT DISTINCT"
    if row["predicate"]:
        text += f" WHERE {row['predicate']}"
    return text
