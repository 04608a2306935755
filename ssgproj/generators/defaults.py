"""How a column without `generate:` gets its values: a domain for every type, within what its constraints say.

`default_domain(..., unique=True)` is as large as type and constraints permit; otherwise values are ordinary and readable.
Raises `NoValues` where nothing can satisfy the column.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from ssgproj.errors import SsgError
from ssgproj.generators.base import BindContext, Target
from ssgproj.generators.domain import Domain, DomainDraw
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator

_ENUMERABLE = 100_000


class NoValues(SsgError):  # noqa: N818 - says what is missing
    """No value satisfies the column's type and constraints."""

    def __init__(self, target: Target, context: BindContext) -> None:
        super().__init__(
            f"No value of type `{target.type.text}` satisfies the constraints of column `{context.table}.{target.name}`",
            hint=f"Write a generator for it, such as `{target.name}: {{generate: {{choice: [...]}}}}`",
        )


def default_generator(target: Target, context: BindContext) -> Generator:
    """The generator of a column that says nothing about its values: draws from the default domain."""
    return DomainDraw(default_domain(target, rows=context.rows, unique=False, context=context))


def default_domain(target: Target, *, rows: int, unique: bool, context: BindContext) -> Domain:
    """The values a column may take by default. `rows` helps to choose a domain with room enough when `unique`."""
    restriction = target.restriction
    if restriction.values is not None:
        domain: Domain | None = _listed(target, context)
    else:
        domain = _for_kind(target, max(rows, 1), unique, context)
        if domain is not None and restriction.excluded:
            domain = _without(domain, restriction.excluded)
    if domain is None or domain.size < 1:
        raise NoValues(target, context)
    return domain


def _for_kind(target: Target, rows: int, unique: bool, context: BindContext) -> Domain | None:
    from ssgproj.generators import default_nested, default_numbers, default_texts, default_times

    match target.type.kind:
        case Kind.INTEGER | Kind.DECIMAL | Kind.MONEY | Kind.FLOAT | Kind.YEAR | Kind.BOOLEAN:
            return default_numbers.number_domain(target, rows, unique, context)
        case Kind.DATE | Kind.TIME | Kind.TIMESTAMP | Kind.INTERVAL:
            return default_times.time_domain(target, rows, unique, context)
        case Kind.ARRAY | Kind.STRUCT | Kind.MAP | Kind.RANGE | Kind.MULTIRANGE:
            return default_nested.nested_domain(target, rows, unique, context)
    return default_texts.text_domain(target, rows, unique, context)


def _listed(target: Target, context: BindContext) -> Domain | None:
    """The listed values that the column's type and its other constraints let through."""
    from ssgproj.generators.domains.texts import listed
    from ssgproj.generators.fits import fits, same
    from ssgproj.generators.values import converter

    restriction = replace(target.restriction, values=None)
    convert = converter(target.type)
    kept = []
    for value in target.restriction.values or ():
        try:
            converted = None if value is None else convert(value)
            # Cutting or rounding would make a value that is not in the list.
            changed = isinstance(converted, str | int | float | Decimal) and not same(converted, value)
            if converted is not None and not changed and fits(converted, replace(target, restriction=restriction)):
                kept.append(value)
        except ValueError:
            continue
    return listed(kept, target.type) if kept else None


def _without(domain: Domain, excluded: tuple[Any, ...]) -> Domain | None:
    """Leave out single values: by their index where the domain can tell it, else by looking through a small domain."""
    from ssgproj.generators.domains.texts import ExceptDomain

    index_of = getattr(domain, "index_of", None)
    skipped: set[int] = set()
    if index_of is not None:
        for value in excluded:
            try:
                found = index_of(value)
            except (ValueError, TypeError, ArithmeticError):
                continue
            if found is not None:
                skipped.add(found)
    elif domain.size <= _ENUMERABLE:
        unwanted = {str(v) for v in excluded}
        values = domain.at(np.arange(domain.size)).to_pylist()
        skipped = {i for i, v in enumerate(values) if v in excluded or str(v) in unwanted}
    if not skipped:
        return domain
    return ExceptDomain(domain, tuple(sorted(skipped))) if len(skipped) < domain.size else None
