"""Keys that must fit the columns that refer to them: `varchar(3)` may refer to `text`, `smallint` to `bigint`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ssgproj.generators.arrow import integer_bounds
from ssgproj.generators.base import Restriction
from ssgproj.plan.restrictions import intersect
from ssgproj.project.model import ForeignKey, Model, TableName
from ssgproj.project.types import Kind, SqlType


def narrowed(
    models: Iterable[Model], references: Mapping[TableName, Sequence[ForeignKey]]
) -> dict[TableName, dict[str, Restriction]]:
    """What each table's columns must be within, so that every column that refers to them, however far away, can hold them."""
    children: dict[tuple[TableName, str], list[tuple[TableName, str]]] = {}
    for table, keys in references.items():
        for key in keys:
            for own, other in zip(key.columns, key.to_columns, strict=True):
                children.setdefault((key.to_table, other), []).append((table, own))
    types = {m.table: {c.name: c.type for c in m.columns} for m in models}

    def limit(place: tuple[TableName, str]) -> Restriction:
        """Over all columns that refer to a place, and those that refer to them."""
        found = Restriction()
        reached, waiting = {place}, [place]
        while waiting:
            parent = waiting.pop()
            for child in children.get(parent, ()):
                if child not in reached:
                    reached.add(child)
                    waiting.append(child)
                    found = intersect(found, _holds(types[child[0]][child[1]], types[place[0]][place[1]]))
        return found

    result: dict[TableName, dict[str, Restriction]] = {}
    for table, column in children:
        if column in types.get(table, {}) and (found := limit((table, column))) != Restriction():
            result.setdefault(table, {})[column] = found
    return result


def _holds(child: SqlType, parent: SqlType) -> Restriction:
    """What a column can hold of its parent's values, as far as it is less than all."""
    texts = child.kind is Kind.STRING and parent.kind is Kind.STRING
    if texts and child.length is not None and (parent.length is None or parent.length > child.length):
        return Restriction(max_length=child.length)
    if child.kind is Kind.INTEGER and parent.kind in (Kind.INTEGER, Kind.DECIMAL):
        low, high = integer_bounds(child)
        if parent.kind is Kind.DECIMAL or (low, high) != integer_bounds(parent):
            return Restriction(lower=low, upper=high)
    if child.kind is Kind.DECIMAL and parent.kind is Kind.INTEGER and child.precision is not None:
        most = 10 ** max(child.precision - (child.scale or 0), 0) - 1
        return Restriction(lower=-most, upper=most)
    return Restriction()
