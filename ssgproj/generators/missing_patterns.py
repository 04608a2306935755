"""Patterns of NULLs, and drawing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.choice_table import TableProblem, cumulative, floats
from ssgproj.project.suggest import suggestion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.missing import Missing

_TRUE, _FALSE = ("1", "true", "t", "yes", "1.0"), ("0", "false", "f", "no", "0.0")


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """Which of some columns are NULL, row by row. `patterns` has a row for each pattern and a column for each of `columns`."""

    columns: tuple[str, ...]
    patterns: NDArray[np.bool_]
    cumulative: NDArray[np.float64]

    def missing(self, rng: np.random.Generator, rows: int) -> NDArray[np.bool_]:
        """Where values are missing, a column for each of `columns`."""
        drawn: NDArray[np.bool_] = self.patterns[np.searchsorted(self.cumulative, rng.random(rows), side="right")]
        return drawn

    def rate(self, column: str) -> float:
        """The share of rows in which a column is missing."""
        shares = np.diff(self.cumulative, prepend=0.0)
        return float((shares * self.patterns[:, self.columns.index(column)]).sum())


def check_missing(spec: Missing, context: BindContext) -> Iterator[Problem]:
    """What is wrong with the columns and the patterns; nothing about a statistic without a result."""
    for target in context.targets:
        if not target.nullable:
            yield Problem(
                f"Column `{target.name}` cannot be NULL",
                None,
                f"write `{target.name}: {{nullable: true}}`, or take it out of `columns`",
            )
    if isinstance(spec.patterns, Reference) and (
        spec.patterns.kind != "stat" or spec.patterns.name not in context.stats
    ):
        return
    try:
        _table(spec, context)
    except TableProblem as error:
        yield error.problem


def bind_missing(spec: Missing, context: BindContext) -> Mask:
    """The mask. Raises TableProblem (a ValueError)."""
    patterns, weights = _table(spec, context)
    return Mask(tuple(t.name for t in context.targets), np.array(patterns, bool), cumulative(weights, len(patterns)))


def _table(spec: Missing, context: BindContext) -> tuple[list[tuple[bool, ...]], tuple[float, ...] | None]:
    patterns, weights = (
        _stat_table(spec, spec.patterns, context) if isinstance(spec.patterns, Reference) else _inline(spec, context)
    )
    if not patterns:
        raise TableProblem("There are no patterns", "patterns", _example(context))
    if weights is not None and len(weights) != len(patterns):
        raise TableProblem(
            f"There are {len(weights)} weights for {len(patterns)} patterns", "weights", "write one for each"
        )
    if weights is not None and not sum(weights) > 0:
        raise TableProblem("All weights are 0", "weights", "write a weight above 0")
    return patterns, weights


def _inline(spec: Missing, context: BindContext) -> tuple[list[tuple[bool, ...]], tuple[float, ...] | None]:
    if spec.pattern or spec.flags:
        option = "pattern" if spec.pattern else "flags"
        raise TableProblem(f"`{option}` needs a statistic", option, "write `missing: stat.NAME`")
    if isinstance(spec.patterns, Mapping):
        if spec.weights is not None:
            raise TableProblem("The mapping holds the weights already", "weights", "write the patterns as a list")
        return [_pattern(p, context) for p in spec.patterns], floats(tuple(spec.patterns.values()), "patterns")
    if isinstance(spec.weights, str):
        raise TableProblem(
            "`weights` names a column, but the patterns are no statistic", "weights", "write a list of numbers"
        )
    assert isinstance(spec.patterns, tuple)  # noqa: S101 - references were dealt with before
    return [_pattern(p, context) for p in spec.patterns], None if spec.weights is None else floats(
        spec.weights, "weights"
    )


def _pattern(value: Any, context: BindContext) -> tuple[bool, ...]:
    """One pattern. A whole number is what YAML makes of `011` without quotes."""
    width = len(context.targets)
    text = str(value).zfill(width) if isinstance(value, int) and not isinstance(value, bool) else str(value).strip()
    if len(text) != width or set(text) - {"0", "1"}:
        message = f"A pattern has a `0` or `1` for each of the {width} columns"
        # Values of a result are not quoted in messages.
        raise TableProblem(message, "patterns", _example(context))
    return tuple(c == "1" for c in text)


def _example(context: BindContext) -> str:
    width = len(context.targets)
    return f'for example: missing: {{"{"0" * width}": 0.9, "{"1" * width}": 0.1}}'


def _stat_table(
    spec: Missing, reference: Reference, context: BindContext
) -> tuple[list[tuple[bool, ...]], tuple[float, ...] | None]:
    result: Mapping[str, Sequence[Any]] = context.stats.get(reference.name, {})

    def column(name: str, option: str) -> Sequence[Any]:
        if name not in result:
            message = f"Statistic `{reference.name}` has no column `{name}`"
            raise TableProblem(message, option, suggestion(name, result, sort=False))
        return result[name]

    if reference.kind != "stat" or reference.column is not None:
        raise TableProblem(f"`{reference}` is no whole statistic", "patterns", f"write `stat.{reference.name}`")
    weights = None
    if isinstance(spec.weights, str):
        weights = floats(column(spec.weights, "weights"), "weights")
    elif spec.weights is not None:
        weights = floats(spec.weights, "weights")
    names = [t.name for t in context.targets]
    rest = [n for n in result if n != spec.weights]
    if spec.pattern is not None or (not spec.flags and len(rest) == 1 and rest != names):
        found = column(spec.pattern or rest[0], "pattern")
        return [_pattern(p, context) for p in found], weights
    flags = list(map(str, spec.flags)) or names
    if len(flags) != len(names):
        raise TableProblem(
            f"There are {len(flags)} flags for {len(names)} columns", "flags", "write one for each column"
        )
    missing = next((f for f in flags if f not in result), None)
    if missing is not None and not spec.flags:
        message = (
            f"Statistic `{reference.name}` has no column `{missing}`, and which column holds the patterns is not said"
        )
        raise TableProblem(
            message, "patterns", f"write `pattern: {rest[0] if rest else 'COLUMN'}`, or `flags: [{', '.join(rest)}]`"
        )
    columns = [[_flag(v) for v in column(f, "flags")] for f in flags]
    return list(zip(*columns, strict=True)), weights


def _flag(value: Any) -> bool:
    text = str(value).strip().lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise TableProblem(
        "A column of the statistic is neither true nor false", "flags", "name columns such as `age IS NULL AS age`"
    )
