"""PostgreSQL's sequences: which columns they number, and how they differ from plain ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ssgproj.project.model import Identity
from ssgproj.project.names import join_name
from ssgproj.source.reflect.postgres_names import Names, default_name, literal

Row = Mapping[str, Any]
Options = tuple[tuple[str, int | str | bool], ...]

_GREATEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def is_serial(sequence: Row, column: Row, names: Names) -> bool:
    """Whether the column owns the sequence and its default is the next value and nothing else."""
    written = literal(names.qualified(sequence["schema"], sequence["name"]))
    return (
        sequence["deptype"] == "a"
        and not column["identity"]
        and not column["generated"]
        and column["type"] in _GREATEST
        and column["expression"] == f"nextval({written}::regclass)"
    )


def identity(sequence: Row, column: Row, table: Row) -> Identity:
    """The identity or serial column that a sequence numbers."""
    options = list(settings(sequence, column["type"]))
    if (
        sequence["name"] != default_name(table["name"], [column["name"]], "seq")
        or sequence["schema"] != table["schema"]
    ):
        schema = sequence["schema"] if sequence["schema"] != table["schema"] else None
        options.insert(0, ("sequence", join_name(schema, sequence["name"])))
    return Identity(always=column["identity"] == "a", serial=not column["identity"], options=tuple(options))


def settings(sequence: Row, expected_type: str) -> Options:
    """What differs from a new sequence of this type."""
    greatest = _GREATEST.get(sequence["type"], 2**63 - 1)
    ascending = sequence["increment"] > 0
    minimum, maximum = (1, greatest) if ascending else (-greatest - 1, -1)
    plain = {
        "type": expected_type,
        "increment": 1,
        "minvalue": minimum,
        "maxvalue": maximum,
        "start": sequence["minvalue"] if ascending else sequence["maxvalue"],
        "cache": 1,
        "cycle": False,
    }
    return tuple((name, sequence[name]) for name, value in plain.items() if sequence[name] != value)
