"""Default domains of arrays, structs, maps and ranges."""

from __future__ import annotations

from dataclasses import replace

from ssgproj.generators.base import BindContext, Restriction, Target
from ssgproj.generators.domain import Domain
from ssgproj.generators.domains.ranges import range_domain
from ssgproj.generators.domains.structures import ArrayDomain, MapDomain, StructDomain
from ssgproj.project.types import Kind, SqlType

_TEXT = SqlType(Kind.STRING, "text")
_LONGEST = 3
_INNER = 2
"""Arrays in arrays are of one length: PostgreSQL has no others."""


def nested_domain(target: Target, rows: int, unique: bool, context: BindContext) -> Domain | None:
    """Arrays of one to three elements; structs and maps of their parts' defaults; short ranges."""
    t = target.type
    match t.kind:
        case Kind.RANGE | Kind.MULTIRANGE:
            return range_domain(t.element, rows=rows, unique=unique, now=context.now, multi=t.kind is Kind.MULTIRANGE)
        case Kind.ARRAY:
            return _array(target, rows, unique, context)
        case Kind.STRUCT:
            parts = tuple(_part(target, name, field, rows, unique, context) for name, field in t.fields)
            return StructDomain(tuple(name for name, _ in t.fields), parts)
    (_, key), (_, value) = t.fields[:2]
    return MapDomain(
        _part(target, "key", key, rows, unique, context), _part(target, "value", value, rows, False, context)
    )


def _array(target: Target, rows: int, unique: bool, context: BindContext) -> Domain | None:
    t, restriction = target.type, target.restriction
    inner = t.element or _TEXT
    if inner.kind is Kind.ARRAY and inner.length is None:
        inner = replace(inner, length=_INNER)
    element = _part(target, "element", inner, rows, unique, context)
    if t.length is not None:
        return ArrayDomain(element, t.length, t.length)
    shortest = 1 if restriction.min_length is None else restriction.min_length
    longest = max(_LONGEST, shortest) if restriction.max_length is None else min(_LONGEST, restriction.max_length)
    longest = max(longest, min(shortest, restriction.max_length if restriction.max_length is not None else shortest))
    if restriction.max_length is not None and restriction.max_length < shortest:
        if restriction.min_length is not None:
            return None
        shortest = restriction.max_length
    if unique:
        # Small elements (booleans, labels) need longer arrays to tell rows apart.
        while ArrayDomain(element, shortest, longest).size < rows * 4 and longest < (restriction.max_length or 62):
            longest += 1
        return ArrayDomain(element, shortest, longest)
    return ArrayDomain(element, shortest, longest, share=element.size)


def _part(target: Target, name: str, t: SqlType, rows: int, unique: bool, context: BindContext) -> Domain:
    from ssgproj.generators.defaults import default_domain

    inner = Target(f"{target.name}.{name}", t, restriction=Restriction())
    return default_domain(inner, rows=rows, unique=unique, context=context)
