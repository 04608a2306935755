"""Values that stories give, as columns. Unlike generators' values they are not made to fit: what a column cannot hold is an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.generators.arrow import arrow_type, decimal_shape, integer_bounds
from ssgproj.generators.values import converter
from ssgproj.project.types import Kind, SqlType


class UnfitValueError(ValueError):
    """A value that the column cannot hold: its place among the values, and why."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index, self.reason = index, reason


def given_column(values: Sequence[Any], t: SqlType) -> pa.Array:
    """Values of a story in the column's canonical type; None is NULL. Raises UnfitValueError."""
    want = arrow_type(t)
    if t.kind in _DIRECT:
        try:
            array = pa.array(values, want)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            pass
        else:
            # Arrow would cut the fraction off without a word.
            whole = t.kind not in (Kind.INTEGER, Kind.YEAR) or all(v is None or isinstance(v, Integral) for v in values)
            if whole and (t.kind is not Kind.STRING or t.length is None or _longest(array) <= t.length):
                return array
    convert = _strict(t)
    made = []
    for index, value in enumerate(values):
        try:
            made.append(None if value is None else convert(value))
        except (ValueError, TypeError, OverflowError, AttributeError, pa.ArrowException) as error:
            raise UnfitValueError(index, _reason(value, t, error)) from None
    try:
        return pa.array(made, want)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        for index, value in enumerate(made):
            try:
                pa.array([value], want)
            except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
                raise UnfitValueError(index, _reason(values[index], t, error)) from None
        raise


_DIRECT = (Kind.INTEGER, Kind.FLOAT, Kind.STRING, Kind.DATE, Kind.BOOLEAN, Kind.YEAR)
"""Kinds whose values Arrow takes over by itself without changing what they mean."""


def _longest(array: pa.Array) -> int:
    longest = pc.max(pc.utf8_length(array)).as_py()
    return longest or 0


def _reason(value: Any, t: SqlType, error: Exception) -> str:
    """Why not, by the class of the value and not by the value."""
    if type(error) is ValueError and str(error):
        return str(error)
    return f"a {type(value).__name__} is no value of type {t.text}"


def _strict(t: SqlType) -> Callable[[Any], Any]:
    """As `converter`, but refusing what would have to be cut."""
    convert = converter(t)
    match t.kind:
        case Kind.STRING:
            return lambda v: _text(v, t)
        case Kind.ENUM:
            return lambda v: _label(v, t)
        case Kind.INTEGER | Kind.YEAR:
            low, high = integer_bounds(t)
            return lambda v: _whole(v, low, high, convert)
        case Kind.DECIMAL | Kind.MONEY:
            precision, scale = decimal_shape(t)
            limit = 10 ** (precision - scale)
            return lambda v: _number(v, limit, convert)
    return convert


def _text(value: Any, t: SqlType) -> str:
    if isinstance(value, UUID):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError(f"a {type(value).__name__} is no text")
    if t.length is not None and len(value) > t.length:
        raise ValueError(f"a text of {len(value)} characters is too long")
    return str(value)


def _label(value: Any, t: SqlType) -> str:
    text = str(getattr(value, "value", value))
    if t.labels and text not in t.labels:
        raise ValueError(f"the text is none of the {len(t.labels)} values of its type")
    return text


def _whole(value: Any, low: int, high: int, convert: Callable[[Any], Any]) -> Any:
    number = float(value) if not isinstance(value, int | str | bytes) else value
    if isinstance(number, float) and not number.is_integer():
        raise ValueError("a number is not whole")
    whole = int(number)
    if not low <= whole <= high:
        raise ValueError("a number is out of range")
    return convert(whole)


def _number(value: Any, limit: int, convert: Callable[[Any], Any]) -> Any:
    if isinstance(value, str | int | float) or hasattr(value, "as_tuple"):
        number = float(value)
        if not abs(number) < limit:
            raise ValueError("a number is out of range")
    return convert(value)
