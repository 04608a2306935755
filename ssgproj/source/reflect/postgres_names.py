"""Names in PostgreSQL: when they need quotes, and which ones the server gives by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ssgproj.project.model import TableName

_LONGEST = 63
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Names:
    """How names are written. `keywords` are the words that need quotes; `default_schema` is not written."""

    keywords: frozenset[str]
    default_schema: str

    def quote(self, name: str) -> str:
        """The name as SQL, quoted where it must be."""
        if _PLAIN.fullmatch(name) and name not in self.keywords:
            return name
        return '"' + name.replace('"', '""') + '"'

    def columns(self, names: Iterable[str]) -> str:
        """A list of columns as SQL, without brackets."""
        return ", ".join(self.quote(n) for n in names)

    def qualified(self, schema: str, name: str) -> str:
        """The name as SQL, with its schema unless that is the default one."""
        return self.quote(name) if schema == self.default_schema else f"{self.quote(schema)}.{self.quote(name)}"

    def sql(self, table: TableName) -> str:
        """A table's name as SQL."""
        return self.qualified(table.schema or self.default_schema, table.name)

    def table(self, schema: str, name: str) -> TableName:
        """A table's name as models hold it."""
        return TableName(name, None if schema == self.default_schema else schema)


def literal(text: str) -> str:
    """A string constant, whatever the server's settings."""
    quoted = "'" + text.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted


def default_name(table: str, columns: Iterable[str], label: str) -> str:
    """The name that PostgreSQL gives to a key, check, index or sequence, where no other has it yet.

    The longer of the two parts is shortened until all of it fits in 63 bytes.
    """
    first, second = table.encode(), _join(columns).encode()
    overhead = len(label.encode()) + 1 + (1 if second else 0)
    available = _LONGEST - overhead
    length1, length2 = len(first), len(second)
    while length1 + length2 > available:
        if length1 > length2:
            length1 -= 1
        else:
            length2 -= 1
    parts = [_clip(first, length1)]
    if second:
        parts.append(_clip(second, length2))
    return "_".join([*parts, label])


def _join(columns: Iterable[str]) -> str:
    # As the server: stops as soon as the text is too long to matter.
    text = ""
    for column in columns:
        text += f"_{column}" if text else column
        if len(text.encode()) > _LONGEST:
            break
    return text


def _clip(text: bytes, length: int) -> str:
    return text[:length].decode(errors="ignore")
