"""Partition bounds as a condition on rows: a row must fall into a partition that exists."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ssgproj.project.model import Index, Model, Partition
from ssgproj.project.types import split_arguments

_KEY = re.compile(r"^\s*(RANGE|LIST|HASH)\s*\((?P<columns>.*)\)\s*$", re.IGNORECASE | re.DOTALL)
_RANGE = re.compile(r"FOR\s+VALUES\s+FROM\s*\((?P<low>.*)\)\s*TO\s*\((?P<high>.*)\)\s*$", re.IGNORECASE | re.DOTALL)
_LIST = re.compile(r"FOR\s+VALUES\s+IN\s*\((?P<values>.*)\)\s*$", re.IGNORECASE | re.DOTALL)


def partition_condition(model: Model) -> str | None:
    """The condition in the source's SQL, or None if every row has a partition (or bounds are not understood)."""
    if not model.partition_by or not model.partitions:
        return None
    return _any(model.partition_by, model.partitions)


def partition_checks(model: Model) -> list[str]:
    """Checks that only some partitions have, as conditions on all rows: either in another partition, or it holds."""
    found: list[str] = []

    def visit(by: str, partitions: Sequence[Partition]) -> None:
        key = _KEY.match(by)
        columns = [c.strip() for c in split_arguments(key["columns"])] if key else []
        for partition in partitions:
            bound = _one(columns, partition.bound) if columns else None
            found.extend(f"NOT ({bound}) OR ({c.sql})" if bound else c.sql for c in partition.checks)
            visit(partition.by or "", partition.partitions)

    visit(model.partition_by or "", model.partitions)
    return found


def partition_indexes(partitions: Sequence[Partition]) -> list[Index]:
    """The unique indexes that only some partitions have."""
    return [i for p in partitions for i in (*(x for x in p.indexes if x.unique), *partition_indexes(p.partitions))]


def _any(by: str, partitions: Sequence[Partition]) -> str | None:
    key = _KEY.match(by)
    if not key or key[1].upper() == "HASH":
        return _nested_only(partitions)
    columns = [c.strip() for c in split_arguments(key["columns"])]
    if len(columns) == 1 and key[1].upper() == "RANGE" and not any(p.by for p in partitions):
        merged = _merged(columns[0], partitions)
        if merged is not None:
            return merged or None
    alternatives = []
    for partition in partitions:
        own = _one(columns, partition.bound)
        below = _any(partition.by, partition.partitions) if partition.by and partition.partitions else None
        if own is None and below is None:
            return None
        alternatives.append(" AND ".join(f"({c})" for c in (own, below) if c))
    return " OR ".join(f"({a})" for a in alternatives) or None


def _nested_only(partitions: Sequence[Partition]) -> str | None:
    """Any hash value may come up, so every hash partition's own bounds must hold: they are usually the same."""
    below = {_any(p.by, p.partitions) for p in partitions if p.by and p.partitions}
    return " AND ".join(f"({b})" for b in sorted(filter(None, below))) or None


def _merged(column: str, partitions: Sequence[Partition]) -> str | None:
    """Ranges that follow one another as a single range; "" if they cover everything; None if there are gaps."""
    bounds = []
    for partition in partitions:
        found = _RANGE.search(partition.bound)
        if not found:
            return "" if partition.bound.strip().upper() == "DEFAULT" else None
        bounds.append((found["low"].strip(), found["high"].strip()))
    starts, ends = {low for low, _ in bounds}, {high for _, high in bounds}
    first, last = starts - ends, ends - starts
    if len(first) != 1 or len(last) != 1:
        return None
    low, high = first.pop(), last.pop()
    parts = [f"{column} >= {low}"] if low.upper() != "MINVALUE" else []
    parts += [f"{column} < {high}"] if high.upper() != "MAXVALUE" else []
    return " AND ".join([f"{column} IS NOT NULL", *parts])


def _one(columns: Sequence[str], bound: str) -> str | None:
    if found := _LIST.search(bound):
        values = split_arguments(found["values"])
        listed = [v.strip() for v in values if v.strip().upper() != "NULL"]
        null = [f"{columns[0]} IS NULL"] if len(listed) < len(values) else []
        return " OR ".join([*([f"{columns[0]} IN ({', '.join(listed)})"] if listed else []), *null])
    if found := _RANGE.search(bound):
        low, high = split_arguments(found["low"]), split_arguments(found["high"])
        below = _lexical(columns, low, ">", ">=", "MINVALUE", "MAXVALUE")
        above = _lexical(columns, high, "<", "<", "MAXVALUE", "MINVALUE")
        return " AND ".join(f"({p})" for p in (*(f"{c} IS NOT NULL" for c in columns), below, above) if p)
    return None


def _lexical(
    columns: Sequence[str], values: Sequence[str], strict: str, last: str, open_: str, closed: str
) -> str | None:
    """`(a, b) >= (x, y)` as comparisons of single columns; None if it is always true."""
    terms = []
    for place, value in enumerate(v.strip() for v in values[: len(columns)]):
        equal = [f"{c} = {v.strip()}" for c, v in list(zip(columns, values, strict=False))[:place]]
        if value.upper() == open_:
            if not equal:
                return None
            terms.append(" AND ".join(equal))
            break
        if value.upper() == closed:
            break
        operator = last if place == len(columns) - 1 else strict
        terms.append(" AND ".join([*equal, f"{columns[place]} {operator} {value}"]))
    return " OR ".join(f"({t})" for t in terms) or "FALSE"
