"""What `choice` chooses from, as a table of values and weights; and the choosing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import taken
from ssgproj.generators.base import Batch, BindContext, Problem, Reference, Target
from ssgproj.generators.checks import check_value
from ssgproj.generators.domain import DomainDraw
from ssgproj.generators.domains.texts import listed
from ssgproj.generators.values import from_python

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.base import Generator
    from ssgproj.generators.choice import Choice
    from ssgproj.generators.groups import Groups

_GUIDE = 4096
"""A power of two, so that multiplying by it is exact."""
_GUIDED = 512
"""With more values than this, too few parts of the guide have one position."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows to choose from: a column of values per target, weights (None: equal), and the columns of `given`."""

    values: tuple[tuple[Any, ...], ...]
    weights: tuple[float, ...] | None
    given: tuple[tuple[str, tuple[Any, ...]], ...] = ()


class TableProblem(ValueError):  # noqa: N818 - carries a Problem
    """The options of a choice do not make a table."""

    def __init__(self, message: str, option: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(message, option, hint)


def check_choice(spec: Choice, context: BindContext) -> Iterator[Problem]:
    """Everything wrong with the options of a choice; nothing about a statistic without a result."""
    if isinstance(spec.values, Reference) and spec.values.name not in context.stats:
        return
    if isinstance(spec.values, Reference) and spec.values.kind != "stat":
        return
    if isinstance(spec.weights, Reference):
        return
    try:
        table = choice_table(spec, context)
        _weights(table.weights)
    except TableProblem as error:
        yield error.problem
        return
    if isinstance(spec.values, Reference):
        # Values of a result are not quoted in messages.
        return
    for target, column in zip(context.targets, table.values, strict=True):
        seen = 0
        for value in column:
            for problem in check_value(value, target, "values"):
                seen += 1
                if seen <= 5:
                    yield problem


def choice_table(spec: Choice, context: BindContext, given: Sequence[tuple[str, str]] | None = None) -> Table:
    """The rows to choose from. Raises TableProblem. `given`: columns to agree with, each with the statistic's name for it."""
    if given is None:
        texts = [spec.given] if isinstance(spec.given, str) else [str(g) for g in spec.given]
        given = [(text, text.rpartition(".")[2]) for text in texts]
    if isinstance(spec.values, Reference):
        return _stat_table(spec, spec.values, context, given)
    if isinstance(spec.values, Mapping):
        if spec.weights is not None:
            raise TableProblem("The mapping holds the weights already", "weights", "write the values as a list")
        rows, weights = list(spec.values), floats(tuple(spec.values.values()), "values")
    else:
        rows = list(spec.values)
        weights = None
        if isinstance(spec.weights, str):
            raise TableProblem(
                "`weights` names a column, but the values are no statistic", "weights", "write a list of numbers"
            )
        if spec.weights is not None:
            assert isinstance(spec.weights, tuple)  # noqa: S101 - references were put in before
            weights = floats(spec.weights, "weights")
    if not rows:
        raise TableProblem("There is nothing to choose from", "values", "write at least one value")
    if weights is not None and len(weights) != len(rows):
        raise TableProblem(
            f"There are {len(weights)} weights for {len(rows)} values", "weights", "write one weight for each value"
        )
    if given:
        raise TableProblem("`given` needs a statistic", "given", "write `choice: stat.NAME`")
    if len(context.targets) == 1:
        return Table((tuple(rows),), weights)
    width = len(context.targets)
    if any(not isinstance(row, list | tuple) or len(row) != width for row in rows):
        raise TableProblem(
            f"Each value has to be a list of {width}, one for each column", "values", "write [[a, b], [c, d]]"
        )
    return Table(tuple(tuple(row[i] for row in rows) for i in range(width)), weights)


def _stat_table(spec: Choice, reference: Reference, context: BindContext, given: Sequence[tuple[str, str]]) -> Table:
    from ssgproj.project.suggest import suggestion

    if reference.kind != "stat":
        raise TableProblem(f"`{reference}` is no list of values", "values", "write a list or `stat.NAME`")
    result: Mapping[str, Sequence[Any]] = context.stats.get(reference.name, {})

    def column(name: str, option: str) -> tuple[Any, ...]:
        if name not in result:
            message = f"Statistic `{reference.name}` has no column `{name}`"
            raise TableProblem(message, option, suggestion(name, result, sort=False))
        return tuple(result[name])

    weights_name = spec.weights if isinstance(spec.weights, str) else None
    weights = None
    if weights_name is not None:
        weights = floats(column(weights_name, "weights"), "weights")
    elif isinstance(spec.weights, tuple):
        weights = floats(spec.weights, "weights")
    names = tuple(map(str, spec.columns)) or ((reference.column,) if reference.column else ())
    if not names:
        rest = [n for n in result if n != weights_name and n not in [k for _, k in given]]
        wanted = [t.name for t in context.targets]
        names = tuple(wanted) if set(wanted) <= set(rest) else tuple(rest)
    if len(names) != len(context.targets):
        message = f"Statistic `{reference.name}` gives {len(names)} columns of values for {len(context.targets)}"
        raise TableProblem(message, "columns", f"write `columns: [{', '.join(t.name for t in context.targets)}]`")
    by_name = {t.name for t in context.targets} == set(names)
    ordered = tuple(t.name for t in context.targets) if by_name else names
    values = tuple(column(n, "columns") for n in ordered)
    if not values[0]:
        raise TableProblem(f"The result of statistic `{reference.name}` has no rows", "values", "ssg stats")
    if weights is not None and len(weights) != len(values[0]):
        raise TableProblem(
            f"There are {len(weights)} weights for {len(values[0])} values", "weights", "name the statistic's column"
        )
    return Table(values, weights, tuple((g, column(k, "given")) for g, k in given))


def floats(values: Sequence[Any], option: str) -> tuple[float, ...]:
    """Weights as numbers; what is NULL or negative counts as nothing."""
    try:
        numbers = [0.0 if v is None else float(v) for v in values]
    except (TypeError, ValueError):
        raise TableProblem("A weight is not a number", option, "write numbers of 0 or more") from None
    if not all(map(math.isfinite, numbers)):
        raise TableProblem("A weight is not a finite number", option, "write numbers of 0 or more")
    return tuple(max(n, 0.0) for n in numbers)


def _weights(weights: tuple[float, ...] | None) -> None:
    if weights is not None and not sum(weights) > 0:
        raise TableProblem("All weights are 0", "weights", "write a weight above 0")


def bind_choice(spec: Choice, context: BindContext, given: Sequence[tuple[str, str]] | None = None) -> Generator:
    """The generator; values are converted to the columns' types here, once. Raises TableProblem (a ValueError)."""
    table = choice_table(spec, context, given)
    _weights(table.weights)
    targets = context.targets
    columns = tuple(from_python(v, t.type) for v, t in zip(table.values, targets, strict=True))
    if table.given:
        return conditional(columns, table, context)
    if table.weights is None and len(targets) == 1 and columns[0].null_count == 0:
        domain = listed(table.values[0], targets[0].type)
        if domain.size == len(columns[0]):
            return DomainDraw(domain)
    return WeightedChoice(targets, columns, cumulative(table.weights, len(columns[0])))


def cumulative(weights: Sequence[float] | None, size: int) -> NDArray[np.float64]:
    chances = np.ones(size) if weights is None else np.asarray(weights, dtype=np.float64)
    total = np.cumsum(chances / chances.sum())
    # Rounding must not leave a gap at the end, nor let a value of weight 0 in.
    total[np.flatnonzero(chances)[-1] :] = 1.0
    return total


@dataclass(frozen=True, slots=True)
class WeightedChoice:
    """Whole rows of a table, by weight."""

    targets: tuple[Target, ...]
    columns: tuple[pa.Array, ...]
    cumulative: NDArray[np.float64]

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        return taken(*self.pick(batch))

    def pick(self, batch: Batch) -> tuple[Sequence[pa.Array], NDArray[Any]]:
        return self.columns, positions(self.cumulative, batch.rng().random(batch.rows))


def positions(cumulative: NDArray[np.float64], uniform: NDArray[np.float64]) -> NDArray[Any]:
    """`searchsorted(cumulative, uniform, side="right")`, for uniform numbers in [0, 1) and a sum that ends in 1.

    A guide says for most of 4,096 equal parts of [0, 1) which position all of their numbers have; only the others are searched.
    """
    if len(cumulative) > _GUIDED or len(uniform) < _GUIDE:
        return np.searchsorted(cumulative, uniform, side="right")
    edges = np.searchsorted(cumulative, np.arange(_GUIDE + 1) / _GUIDE, side="right").astype(np.int16)
    guide = np.where(edges[:-1] == edges[1:], edges[:-1], np.int16(-1))
    found = guide[(uniform * _GUIDE).astype(np.int16)]
    unsure = np.flatnonzero(found < 0)
    found[unsure] = np.searchsorted(cumulative, uniform[unsure], side="right")
    return found


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalChoice:
    """Rows of a table that agree with other columns; where none agrees, any row by weight.

    `order` are the table's rows, group after group, and after the last group all of them once more. `cumulative` rises by 1 in each
    group, so that one search in it finds a row within a group; `first` and `last` are each group's places that may be found.
    """

    columns: tuple[pa.Array, ...]
    groups: Groups
    order: NDArray[np.int64]
    cumulative: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        return taken(*self.pick(batch))

    def pick(self, batch: Batch) -> tuple[Sequence[pa.Array], NDArray[Any]]:
        group = self.groups.of(batch)
        group = np.where((group < 0) | (self.last[group] < 0), len(self.first) - 1, group)
        place = np.searchsorted(self.cumulative, group + batch.rng().random(batch.rows), side="right")
        return self.columns, self.order[np.minimum(np.maximum(place, self.first[group]), self.last[group])]


def conditional(columns: tuple[pa.Array, ...], table: Table, context: BindContext) -> ConditionalChoice:
    """The generator of a choice that depends on other columns. Raises TableProblem."""
    from ssgproj.generators.groups import groups_of
    from ssgproj.generators.lookup import NotFoundError

    try:
        read = [context.columns.find(text) for text, _ in table.given]
    except NotFoundError as error:
        raise TableProblem(error.message, "given", error.hint) from None
    groups, of_row = groups_of(read, [values for _, values in table.given])
    size = len(of_row)
    weights = np.ones(size) if table.weights is None else np.asarray(table.weights, dtype=np.float64)
    by_group = np.argsort(of_row, kind="stable")
    order = np.concatenate([by_group, np.arange(size)])
    sizes = np.append(np.bincount(of_row, minlength=groups.size), size)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    total = np.zeros(len(order))
    last = np.full(groups.size + 1, -1)
    for group, (start, count) in enumerate(zip(starts, sizes, strict=True)):
        chances = weights[order[start : start + count]]
        if chances.sum() > 0:
            total[start : start + count] = np.cumsum(chances / chances.sum())
            last[group] = start + np.flatnonzero(chances)[-1]
        total[start : start + count] += group
    return ConditionalChoice(columns, groups, order, total, starts, last)
