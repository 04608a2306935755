"""PostgreSQL's constraints as keys, references, checks and exclusions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ssgproj.project.model import Check, Exclusion, ForeignKey, PrimaryKey, UniqueKey
from ssgproj.source.reflect.postgres_names import Names, default_name
from ssgproj.source.reflect.postgres_text import condition, expression

Row = Mapping[str, Any]

_ACTIONS = {"a": None, "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}


def deferrable(row: Row) -> str | None:
    """`deferrable`, `initially deferred` or None."""
    if not row["deferrable"]:
        return None
    return "initially deferred" if row["deferred"] else "deferrable"


def unless_default(name: str, table: str, columns: Iterable[str], label: str) -> str | None:
    """The name, or None if the server would give it by itself."""
    return None if name == default_name(table, columns, label) else name


def primary_key(row: Row, table: str, labels: Mapping[int, str], index: Row) -> PrimaryKey:
    """The primary key; `index` is the one behind it."""
    columns = tuple(labels[n] for n in row["columns"])
    name = unless_default(row["name"], table, (), "pkey")
    return PrimaryKey(columns, name, deferrable(row), _included(index, labels))


def unique_key(row: Row, table: str, labels: Mapping[int, str], index: Row) -> UniqueKey:
    """A UNIQUE constraint; `index` is the one behind it."""
    columns, include = tuple(labels[n] for n in row["columns"]), _included(index, labels)
    name = unless_default(row["name"], table, (*columns, *include), "key")
    return UniqueKey(columns, name, bool(index["nulls_not_distinct"]), deferrable(row), include)


def _included(index: Row, labels: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(labels[n] for n in index["columns"][index["keys"] :])


def foreign_key(
    row: Row, table: str, labels: Mapping[int, str], to_table: Row, to_labels: Mapping[int, str], names: Names
) -> ForeignKey:
    """A reference."""
    columns = tuple(labels[n] for n in row["columns"])
    on_delete = _ACTIONS[row["on_delete"]]
    if on_delete and row["set_columns"]:
        on_delete += f" ({names.columns(labels[n] for n in row['set_columns'])})"
    return ForeignKey(
        columns=columns,
        to_table=names.table(to_table["schema"], to_table["name"]),
        to_columns=tuple(to_labels[n] for n in row["to_columns"]),
        name=unless_default(row["name"], table, columns, "fkey"),
        on_delete=on_delete,
        on_update=_ACTIONS[row["on_update"]],
        match_full=row["match"] == "f",
        deferrable=deferrable(row),
        not_valid=not row["validated"],
    )


def check(row: Row, table: str, labels: Mapping[int, str]) -> Check:
    """A CHECK of a table."""
    numbers: Sequence[int] = row["columns"] or ()
    named_after = [labels[numbers[0]]] if len(numbers) == 1 and numbers[0] in labels else []
    return Check(
        sql=condition(row["expression"]),
        name=unless_default(row["name"], table, named_after, "check"),
        no_inherit=row["no_inherit"],
        not_valid=not row["validated"],
    )


def exclusion(row: Row, table: str, labels: Mapping[int, str], index: Row) -> Exclusion:
    """An EXCLUDE constraint; `index` is the one behind it."""
    pairs = list(zip(row["columns"], row["operators"], strict=False))
    return Exclusion(
        sql=expression(row["definition"].removeprefix("EXCLUDE ")),
        name=unless_default(row["name"], table, index["labels"], "excl"),
        overlaps=tuple(labels[n] for n, operator in pairs if operator == "&&" and n in labels),
        equals=tuple(labels[n] for n, operator in pairs if operator == "=" and n in labels),
    )
