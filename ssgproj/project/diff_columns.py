"""When two columns say the same about the database."""

from __future__ import annotations

from dataclasses import replace

from ssgproj.project.model import Column
from ssgproj.project.types import SqlType

FACTS = ("type", "nullable", "identity", "default", "generated", "collation")
"""What a database knows of a column, besides its name, place and comment."""


def same_type(one: SqlType, other: SqlType) -> bool:
    """Whether two types mean the same, however they are written."""
    return one == other or _bare(one) == _bare(other)


def _bare(kind: SqlType) -> SqlType:
    element = _bare(kind.element) if kind.element is not None else None
    fields = tuple((name, _bare(field)) for name, field in kind.fields)
    known = kind.kind.value != "other"
    return replace(kind, text="" if known else kind.text, element=element, fields=fields)


def same_column_facts(one: Column, other: Column, fact: str) -> bool:
    """Whether two columns agree in one of `FACTS`."""
    if fact == "type":
        return same_type(one.type, other.type)
    if fact == "generated":
        return one.generated == other.generated and (one.stored == other.stored or one.generated is None)
    return bool(getattr(one, fact) == getattr(other, fact))
