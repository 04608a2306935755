"""How much later: the distributions of `after` and of the gaps of `series`, and the units they are in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ssgproj.generators.base import BindContext, Problem, Reference, Restriction, Target
from ssgproj.generators.nested import check, named, spec_of
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator

SECONDS = {
    "microseconds": 1e-6,
    "milliseconds": 1e-3,
    "seconds": 1.0,
    "minutes": 60.0,
    "hours": 3600.0,
    "days": 86400.0,
    "weeks": 604800.0,
}
MOMENTS = (Kind.DATE, Kind.TIMESTAMP, Kind.TIME, Kind.INTERVAL)
_DURATION = re.compile(r"^\s*[-+]?\s*\d.*$", re.DOTALL)
_EXAMPLE = "for example: by: {exponential: 30 days}, by: [0 days, 365 days], or by: 1 day"


def usual_unit(kind: Kind) -> str:
    """The unit of plain numbers where none is written: days between dates, seconds between moments; none for numbers."""
    return "days" if kind is Kind.DATE else "seconds" if kind in MOMENTS else ""


def distribution(value: Any, unit: str) -> Mapping[str, Any]:
    """An option such as `by` as the mapping of a generator, with durations as numbers of the unit. Raises ValueError."""
    value = _in_unit(value, unit)
    if isinstance(value, Mapping):
        tree: Mapping[str, Any] = value
        if (kind := named(value)) is None:
            from ssgproj.generators import GENERATORS
            from ssgproj.project.suggest import closest

            near = next((c for k in value if (c := closest(str(k), GENERATORS))), None)
            raise ValueError("it names no distribution" + (f"; did you mean `{near}`?" if near else ""))
        main = value[kind]
        if kind in ("uniform", "integer") and isinstance(main, list | tuple):
            tree = {**tree, kind: _range(main)}
        elif kind in ("normal", "lognormal") and isinstance(main, list | tuple):
            if len(main) != 2:
                raise ValueError(f"`{kind}` needs a mean and a standard deviation")
            tree = {**tree, kind: {"mean": main[0], "std_dev": main[1]}}
        return tree
    if isinstance(value, list | tuple):
        return distribution({"uniform": _range(value)}, unit)
    if isinstance(value, Reference):
        raise ValueError(f"`{value}` is not one number")
    return {"constant": value}


def _range(value: Any) -> Mapping[str, Any]:
    if len(value) != 2:
        raise ValueError("a range has two ends")
    low, high = value
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        raise ValueError("a range begins with its lower end")
    return {"min": low, "max": high}


def _whole(value: Any) -> bool:
    return isinstance(value, int | float) and float(value).is_integer()


def _in_unit(value: Any, unit: str) -> Any:
    """Durations (`3 days`), at any depth, as numbers of the unit."""
    from ssgproj.generators.values import to_duration

    if isinstance(value, Mapping):
        # What a statistic's columns are called, and the values of a choice's weights, are no durations.
        return {
            _in_unit(k, unit): v if k in ("weights", "bin", "lower", "upper", "columns") else _in_unit(v, unit)
            for k, v in value.items()
        }
    if isinstance(value, list | tuple):
        return tuple(_in_unit(v, unit) for v in value)
    if unit and isinstance(value, timedelta):
        return _rounded(value.total_seconds() / SECONDS[unit])
    if isinstance(value, str) and _DURATION.match(value):
        if not unit:
            raise ValueError("it is not a number")
        try:
            return _rounded(to_duration(value).total_seconds() / SECONDS[unit])
        except ValueError:
            raise ValueError(f"`{value}` is not a duration like `90 minutes`") from None
    return value


def _rounded(number: float) -> float:
    return int(number) if number.is_integer() else number


def virtual(
    context: BindContext, what: str, *, whole: bool, lower: float | None = 0, upper: float | None = None
) -> BindContext:
    """A context whose one target is a column of numbers: what the distribution fills."""
    t = SqlType(Kind.INTEGER, "bigint", bits=64) if whole else SqlType(Kind.FLOAT, "double precision", bits=64)
    return replace(context, targets=(Target(what, t, False, Restriction(lower=lower, upper=upper)),))


def check_distribution(
    value: Any,
    unit: str,
    context: BindContext,
    option: str,
    *,
    whole: bool,
    lower: float | None = 0,
    upper: float | None = None,
) -> Iterator[Problem]:
    """Everything wrong with an option such as `by`."""
    try:
        tree = distribution(value, unit)
    except ValueError as error:
        yield Problem(f"`{option}` cannot be read: {error}", option, _EXAMPLE)
        return
    if "constant" in tree and not isinstance(tree["constant"], int | float | Reference):
        yield Problem(f"`{option}` is neither a number nor a duration nor a distribution", option, _EXAMPLE)
        return
    constant = tree.get("constant")
    if lower is not None and isinstance(constant, int | float) and constant < lower:
        yield Problem(f"`{option}` is less than {lower:g}", option, f"write {lower:g} or more")
        return
    yield from check(tree, virtual(context, option, whole=whole, lower=lower, upper=upper), option, f"`{option}`")


def bind_distribution(
    value: Any,
    unit: str,
    context: BindContext,
    option: str,
    *,
    whole: bool,
    lower: float | None = 0,
    upper: float | None = None,
) -> Generator:
    """The generator of the numbers. Raises ValueError."""
    from ssgproj.generators.build import resolve

    tree = distribution(value, unit)
    bounds = tree.get("uniform")
    if whole and isinstance(bounds, Mapping) and set(bounds) == {"min", "max"} and all(map(_whole, bounds.values())):
        # Both ends as likely as what is between, which rounding would not make them.
        tree = {"integer": bounds}
    spec, problems = spec_of(tree, (option,))
    if spec is None:
        raise ValueError(problems[0].message)
    return resolve(spec, context.stats, {}).bind(virtual(context, option, whole=whole, lower=lower, upper=upper))
