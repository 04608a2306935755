"""Names of tables and columns as text: `orders`, `shop.orders`, `shop.orders.id`, with `"..."` around odd ones.

A name is written as it is in the database, in its exact case. A dot separates; a name that itself holds a dot or a double quote
is written in double quotes, as in SQL: `"my.table".id`.
"""

from __future__ import annotations

import re

from ssgproj.project.model import TableName

_PART = re.compile(r'"((?:[^"]|"")*)"|([^."]+)')


def split_name(text: str) -> tuple[str, ...] | None:
    """The parts of a dotted name, or None if it is not one."""
    if '"' not in text:
        parts = tuple(text.split("."))
        return parts if all(parts) else None
    found: list[str] = []
    at = 0
    while True:
        match = _PART.match(text, at)
        if match is None:
            return None
        part = match[1].replace('""', '"') if match[1] is not None else match[2]
        if not part:
            return None
        found.append(part)
        at = match.end()
        if at == len(text):
            return tuple(found)
        if text[at] != ".":
            return None
        at += 1


def join_name(*parts: str | None) -> str:
    """The dotted name of these parts (None is left out), such that `split_name` gives them back."""
    return ".".join(_quoted(part) for part in parts if part is not None)


def _quoted(part: str) -> str:
    if not part or "." in part or '"' in part:
        return '"' + part.replace('"', '""') + '"'
    return part


def parse_table_name(text: str) -> TableName | None:
    """`orders` or `shop.orders`; None for anything else."""
    parts = split_name(text)
    if parts is None or len(parts) > 2:
        return None
    return TableName(parts[-1], parts[0] if len(parts) == 2 else None)


def table_text(table: TableName) -> str:
    """The inverse of `parse_table_name`."""
    return join_name(table.schema, table.name)
