"""Default domains of numbers and booleans."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

from ssgproj.generators.arrow import decimal_shape, integer_bounds
from ssgproj.generators.base import BindContext, Restriction, Target
from ssgproj.generators.domain import Domain
from ssgproj.generators.domains.numbers import DecimalDomain, FloatDomain, IntegerDomain, YearDomain
from ssgproj.generators.domains.texts import listed
from ssgproj.generators.windows import Line
from ssgproj.project.types import Kind

_WIDE = Context(prec=200)
_USUAL_TOP = 1000


def number_domain(target: Target, rows: int, unique: bool, context: BindContext) -> Domain | None:
    """Small positive numbers; for unique columns all the type can hold."""
    t = target.type
    if t.kind is Kind.BOOLEAN:
        return _boolean(target)
    if t.kind is Kind.FLOAT:
        return _float(target, unique)
    scale = decimal_shape(t)[1] if t.kind in (Kind.DECIMAL, Kind.MONEY) else 0
    low, high = unit_bounds(target.restriction, scale)
    if t.kind is Kind.YEAR:
        floor, ceiling = integer_bounds(t)
        usual = (context.now.year - 9, context.now.year)
    elif scale or t.kind in (Kind.DECIMAL, Kind.MONEY):
        precision, _ = decimal_shape(t)
        # MONEY is wider in Arrow than in databases.
        ceiling = 10 ** (precision if t.kind is Kind.DECIMAL else 16) - 1
        if t.kind is Kind.DECIMAL and t.precision is None:
            # Room for databases that give such a column fewer digits than Arrow does.
            ceiling = 10**14 - 1
        floor = 0 if t.unsigned else -ceiling
        top = _USUAL_TOP * 10**scale if scale >= 0 else _USUAL_TOP
        usual = (1, max(min(top, ceiling), 1))
    else:
        floor, ceiling = integer_bounds(t)
        usual = (1, min(_USUAL_TOP, ceiling))
    line = Line(floor, ceiling, usual, low, high)
    ends = line.widest(rows) if unique else line.ordinary()
    if ends is None:
        return None
    start, size = ends[0], ends[1] - ends[0] + 1
    if t.kind is Kind.YEAR:
        return YearDomain(start, size)
    return IntegerDomain(start, size, t) if t.kind is Kind.INTEGER else DecimalDomain(start, size, t)


def unit_bounds(restriction: Restriction, scale: int) -> tuple[int | None, int | None]:
    """The bounds in units of the last digit, inclusive."""
    low = high = None
    if restriction.lower is not None and (exact := _units(restriction.lower, scale)) is not None:
        low = int(exact.to_integral_value(ROUND_CEILING, _WIDE))
        low += restriction.lower_open and low == exact
    if restriction.upper is not None and (exact := _units(restriction.upper, scale)) is not None:
        high = int(exact.to_integral_value(ROUND_FLOOR, _WIDE))
        high -= restriction.upper_open and high == exact
    return low, high


def _units(bound: Any, scale: int) -> Decimal | None:
    try:
        number = Decimal(str(bound))
    except ArithmeticError:
        return None
    return number.scaleb(scale, _WIDE) if number.is_finite() else None


def _boolean(target: Target) -> Domain | None:
    from ssgproj.generators.fits import fits

    return listed([v for v in (False, True) if fits(v, target)], target.type)


def _float(target: Target, unique: bool) -> Domain | None:
    t, restriction = target.type, target.restriction
    lower, upper = _float_bound(restriction.lower), _float_bound(restriction.upper)
    if t.unsigned:
        lower = max(lower or 0.0, 0.0)
    if lower is None and upper is None:
        lower, upper = 0.0, float(_USUAL_TOP)
    elif upper is None and lower is not None:
        upper = float(_USUAL_TOP) if lower <= _USUAL_TOP * 0.9 else lower + max(_USUAL_TOP, abs(lower))
    elif lower is None and upper is not None:
        lower = 0.0 if upper > 0 else upper - max(_USUAL_TOP, abs(upper))
    assert lower is not None and upper is not None  # noqa: S101 - for the type checker; set just above
    digits = 24 if t.bits == 32 else 53
    fine = 2.0 ** (digits - 1 - math.frexp(max(abs(lower), abs(upper), 1e-250))[1])
    usual = 100.0
    coarse = max(abs(lower), abs(upper)) * usual < 2 ** (digits - 2)
    for divisor in (usual, fine) if coarse and not unique else (fine,):
        start, end = math.ceil(lower * divisor), math.floor(upper * divisor)
        # Division rounds; step inside where it lands on the wrong side of a bound.
        while start <= end and _outside(
            start / divisor, lower, restriction.lower_open and restriction.lower is not None, 1, digits
        ):
            start += 1
        while end >= start and _outside(
            end / divisor, upper, restriction.upper_open and restriction.upper is not None, -1, digits
        ):
            end -= 1
        size = end - start + 1
        if size >= (100 if divisor == usual else 1):
            return FloatDomain(start, size, divisor, t)
    if lower == upper and not (restriction.lower_open or restriction.upper_open):
        return (
            None
            if _outside(lower, lower, False, 1, digits) or _outside(upper, upper, False, -1, digits)
            else listed([lower], t)
        )
    return None


def _outside(value: float, bound: float, is_open: bool, direction: int, digits: int) -> bool:
    import numpy as np

    stored = float(np.float32(value)) if digits == 24 else value
    return (stored - bound) * direction < 0 or (is_open and stored == bound)


def _float_bound(bound: Any) -> float | None:
    if bound is None:
        return None
    try:
        number = float(bound)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
