"""The means, spreads and correlations of `correlated`, from a statistic or written down."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ssgproj.generators.base import BindContext, Problem, Reference, Restriction, Target
from ssgproj.generators.numeric import NUMERIC
from ssgproj.generators.units import line_of
from ssgproj.project.suggest import closest
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.base import Generator
    from ssgproj.generators.correlated import Correlated

_KINDS = (*NUMERIC, Kind.DATE, Kind.TIMESTAMP)
_DAY = 86_400e6
_PAIRS = ("correlations", "covariances", "products")
_LEAST_EIGENVALUE = 1e-9


class MomentProblem(ValueError):  # noqa: N818 - carries a Problem
    """An entry is missing, or is no number that it can be."""

    def __init__(self, message: str, option: str | None, hint: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(message, option, hint)


@dataclass(frozen=True, slots=True)
class Moments:
    """What is known of the columns: NaN where nothing is needed."""

    means: tuple[float, ...]
    std_devs: tuple[float, ...]
    correlations: NDArray[np.float64]


def check_correlated(spec: Correlated, context: BindContext) -> Iterator[Problem]:
    """Columns that cannot be filled, entries that are missing; nothing about a statistic without a result."""
    for target in context.targets:
        if target.type.kind not in _KINDS:
            message = f"`correlated` cannot fill column `{target.name}` of type `{target.type.text}`"
            yield Problem(message, None, "take it out of `columns`, or choose another generator")
            return
    if spec.moments is None and spec.means is None and spec.margins is None:
        names = ", ".join(f"{t.name}: 0" for t in context.targets)
        yield Problem(
            "`correlated` needs a statistic, or `means`",
            None,
            f"write `correlated: stat.NAME`, or `means: {{{names}}}`",
        )
        return
    if any(r.kind == "stat" and r.name not in context.stats for r in _references(spec)):
        return
    try:
        moments_of(spec, context)
        for number, target in enumerate(context.targets):
            bounds_of(spec, target, context)
            _check_margin(spec, target, number, context)
    except MomentProblem as error:
        yield error.problem


def _references(spec: Correlated) -> Iterator[Reference]:
    if spec.moments is not None:
        yield spec.moments
    for option in ("means", "std_devs", *_PAIRS, "margins", "min", "max", "centers", "scales"):
        for value in (getattr(spec, option) or {}).values():
            yield from _within(value)


def _within(value: Any) -> Iterator[Reference]:
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _within(item)


def moments_of(spec: Correlated, context: BindContext) -> Moments:
    """The moments, of possible correlations. Raises MomentProblem."""
    names = [t.name for t in context.targets]
    for option in ("means", "std_devs", "margins", "min", "max", "centers", "scales"):
        _known(spec, option, names)
    _known_pairs(spec, names)
    found = _Found(spec, _statistic(spec, context))
    histograms = {n for n in names if isinstance(_margin(spec, n), Mapping)}
    means, std_devs = {}, {}
    plain = not any(getattr(spec, o) for o in ("covariances", "products")) and not found.uses_products(names)
    for target in context.targets:
        name = target.name
        if name in histograms and plain:
            means[name] = std_devs[name] = math.nan
            continue
        means[name] = found.mean(name, target.type)
        std_devs[name] = found.std_dev(name)
    size = len(names)
    matrix = np.eye(size)
    for i, j in combinations(range(size), 2):
        a, b = names[i], names[j]
        matrix[i, j] = matrix[j, i] = found.correlation(a, b, means, std_devs)
    # What was done to the columns changes their means and spreads, but not how they go together.
    centers = [_number_or_moment((spec.centers or {}).get(t.name, 0.0), t.type, "centers") for t in context.targets]
    scales = [_scale(spec, t.name) for t in context.targets]
    return Moments(
        tuple(m * s + c for m, s, c in zip(means.values(), scales, centers, strict=True)),
        tuple(d * s for d, s in zip(std_devs.values(), scales, strict=True)),
        nearest(matrix),
    )


def _scale(spec: Correlated, name: str) -> float:
    value = (spec.scales or {}).get(name, 1.0)
    if not isinstance(value, int | float) or not 0 < value < math.inf:
        raise MomentProblem(
            f"The scale of `{name}` is no number above 0", "scales", "write what the statistic divides it by"
        )
    return float(value)


def _known(spec: Correlated, option: str, names: Sequence[str]) -> None:
    for name in getattr(spec, option) or {}:
        if name not in names:
            near = closest(name, names)
            hint = f"did you mean `{near}`?" if near else f"the columns are {', '.join(names)}"
            raise MomentProblem(f"`{option}` names `{name}`, which is not among the columns", option, hint)


def _known_pairs(spec: Correlated, names: Sequence[str]) -> None:
    pairs = {frozenset(p) for p in combinations(names, 2)}
    for option in _PAIRS:
        for written in getattr(spec, option) or {}:
            if frozenset(str(written).replace(",", " ").split()) not in pairs:
                hint = f"for example: {option}: {{{' '.join(names[:2])}: 0.5}}"
                raise MomentProblem(f"`{written}` in `{option}` is no pair of the columns", option, hint)


def _statistic(spec: Correlated, context: BindContext) -> Mapping[str, Any]:
    """The one row of the statistic."""
    if spec.moments is None:
        return {}
    reference = spec.moments
    if reference.kind != "stat" or reference.column is not None:
        raise MomentProblem(f"`{reference}` is no whole statistic", "moments", "write `correlated: stat.NAME`")
    result: Mapping[str, Sequence[Any]] = context.stats[reference.name]
    rows = len(next(iter(result.values()), ()))
    if rows != 1:
        hint = "choose a statistic without GROUP BY"
        raise MomentProblem(f"Statistic `{reference.name}` has {rows} rows where one is needed", "moments", hint)
    return {name: math.nan if values[0] is None else values[0] for name, values in result.items()}


class _Found:
    """Looks entries up: in the options first, then in the statistic by its names."""

    def __init__(self, spec: Correlated, row: Mapping[str, Any]) -> None:
        self.spec, self.row = spec, row

    def mean(self, name: str, t: SqlType) -> float:
        value = self._entry("means", name, f"mean_{name}")
        if value is None:
            raise self._missing("mean", "means", name, f"mean_{name}")
        if isinstance(value, str) or hasattr(value, "year"):
            return _moment(value, t, "means")
        return self._number(value, f"The mean of `{name}`", "means")

    def std_dev(self, name: str) -> float:
        value = self._entry("std_devs", name, f"std_dev_{name}")
        variance = self.row.get(f"variance_{name}")
        if value is None and variance is not None:
            value = math.sqrt(max(self._number(variance, f"The variance of `{name}`", "moments"), 0.0))
        if value is None:
            raise self._missing("standard deviation", "std_devs", name, f"std_dev_{name}", f"variance_{name}")
        number = self._number(value, f"The standard deviation of `{name}`", "std_devs")
        if number < 0 and not (self.spec.std_devs or {}).get(name):
            return 0.0  # noise
        if number < 0:
            raise MomentProblem(
                f"The standard deviation of `{name}` is negative", "std_devs", "write a number of 0 or more"
            )
        return number

    def uses_products(self, names: Sequence[str]) -> bool:
        """Whether any correlation has to be reckoned from something else."""
        return any(f"{kind}_{a}_{b}" in self.row for kind in ("product", "covariance") for a in names for b in names)

    def correlation(self, a: str, b: str, means: Mapping[str, float], std_devs: Mapping[str, float]) -> float:
        what = f"of `{a}` and `{b}`"
        for option in _PAIRS:
            word = option.removesuffix("s")
            value = self._pair(option, word, a, b)
            if value is None:
                continue
            number = self._number(value, f"The {word} {what}", option)
            if word == "correlation":
                if not -1 <= number <= 1 and self._pair(option, "", a, b) is not None:
                    raise MomentProblem(
                        f"The correlation {what} is outside -1 to 1", option, "write a number from -1 to 1"
                    )
                return max(-1.0, min(1.0, number))
            spread = std_devs[a] * std_devs[b]
            covariance = number - means[a] * means[b] if word == "product" else number
            if math.isnan(covariance / spread if spread else 0.0):
                raise MomentProblem(
                    f"A {word} needs the mean and the standard deviation {what}",
                    "means",
                    "write them, or `correlations`",
                )
            return max(-1.0, min(1.0, covariance / spread)) if spread > 0 else 0.0
        if self.spec.moments is None and not any(getattr(self.spec, o) for o in _PAIRS):
            return 0.0
        names = [f"product_{a}_{b}", f"covariance_{a}_{b}", f"correlation_{a}_{b}"]
        raise self._missing_pair(a, b, names)

    def _entry(self, option: str, name: str, column: str) -> Any:
        written = getattr(self.spec, option) or {}
        return written[name] if name in written else self.row.get(column)

    def _pair(self, option: str, word: str, a: str, b: str) -> Any:
        for written, value in (getattr(self.spec, option) or {}).items():
            if set(str(written).replace(",", " ").split()) == {a, b}:
                return value
        return self.row.get(f"{word}_{a}_{b}", self.row.get(f"{word}_{b}_{a}")) if word else None

    def _number(self, value: Any, what: str, option: str) -> float:
        if isinstance(value, Reference):
            raise MomentProblem(
                f"{what} is `{value}`, which is no number", option, "name a column of a statistic of one row"
            )
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise MomentProblem(
                f"{what} is no number", option if getattr(self.spec, option) else "moments", "write a number"
            )
        return number

    def _missing(self, what: str, option: str, name: str, *columns: str) -> MomentProblem:
        if self.spec.moments is None:
            return MomentProblem(f"The {what} of `{name}` is missing", option, f"write `{option}: {{{name}: ...}}`")
        words = " nor ".join(f"`{c}`" for c in columns)
        message = f"Statistic `{self.spec.moments.name}` has no {words}: the {what} of `{name}` is missing"
        return MomentProblem(
            message, "moments", f"add `... AS {columns[0]}` to the statistic, or write `{option}: {{{name}: ...}}`"
        )

    def _missing_pair(self, a: str, b: str, columns: Sequence[str]) -> MomentProblem:
        if self.spec.moments is None:
            option = next(o for o in _PAIRS if getattr(self.spec, o))
            return MomentProblem(
                f"How `{a}` and `{b}` go together is missing", option, f"write `{option}: {{{a} {b}: ...}}`"
            )
        words = ", ".join(f"`{c}`" for c in columns[:-1])
        message = f"Statistic `{self.spec.moments.name}` has none of {words} and `{columns[-1]}`"
        return MomentProblem(
            message, "moments", f"add `AVG({a}_{b}) AS product_{a}_{b}`, or write `correlations: {{{a} {b}: 0}}`"
        )


def _number_or_moment(value: Any, t: SqlType, option: str) -> float:
    if isinstance(value, str) or hasattr(value, "year"):
        return _moment(value, t, option)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise MomentProblem(
            f"`{option}` holds something that is no number", option, "write a number, or a date for a date"
        ) from None


def _moment(value: Any, t: SqlType, option: str) -> float:
    """A date or time in days, for columns of those."""
    from ssgproj.generators.values import to_datetime

    if t.kind not in (Kind.DATE, Kind.TIMESTAMP):
        raise MomentProblem("A date is no mean of a column of numbers", option, "write a number")
    try:
        moment = to_datetime(value)
    except ValueError:
        raise MomentProblem("A text is no date", option, "write a date, or days since 1970-01-01") from None
    return (moment - to_datetime("1970-01-01")).total_seconds() / 86400


def nearest(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix, or the nearest to it that can be of correlations: with no eigenvalue below 0, and ones on the diagonal."""
    values, vectors = np.linalg.eigh(matrix)
    if values.min() >= _LEAST_EIGENVALUE:
        return matrix
    clipped = (vectors * np.maximum(values, _LEAST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(clipped))
    possible: NDArray[np.float64] = clipped / np.outer(scale, scale)
    return possible


def bounds_of(spec: Correlated, target: Target, context: BindContext) -> tuple[float | None, float | None]:
    """What the column's values stay within, in numbers or days: constraints and options together. Raises MomentProblem."""
    line = line_of(target.type, target.restriction)
    per_unit = {Kind.DATE: 1.0, Kind.TIMESTAMP: 1 / _DAY}.get(target.type.kind, 1.0)
    free = line_of(target.type, Restriction())
    low = line.low * per_unit if line.low != free.low else None
    high = line.high * per_unit if line.high != free.high else None
    for option, pick in (("min", max), ("max", min)):
        value = (getattr(spec, option) or {}).get(target.name)
        if value is None or isinstance(value, Reference):
            continue
        if str(value).strip().lower() == "now":
            value = context.now
        bound = _number_or_moment(value, target.type, option)
        if option == "min":
            low = bound if low is None else pick(low, bound)
        else:
            high = bound if high is None else pick(high, bound)
    if low is not None and high is not None and low > high:
        raise MomentProblem(
            f"Nothing is between the bounds of `{target.name}`", "min", "write a smaller `min`, or see its constraints"
        )
    return low, high


def _margin(spec: Correlated, name: str) -> Any:
    return (spec.margins or {}).get(name)


def _check_margin(spec: Correlated, target: Target, number: int, context: BindContext) -> None:
    margin = _margin(spec, target.name)
    if margin is None or margin in ("normal", "lognormal"):
        return
    if not isinstance(margin, Mapping) or "histogram" not in margin:
        raise MomentProblem(
            f"The margin of `{target.name}` is neither `lognormal` nor a histogram",
            "margins",
            "for example: margins: {age: {histogram: stat.ages, weights: n, width: 5}}",
        )
    from ssgproj.generators.nested import check

    for problem in check(margin, margin_context(spec, target, context), "margins", f"The margin of `{target.name}`"):
        raise MomentProblem(problem.message, "margins", problem.hint)


def margin_context(spec: Correlated, target: Target, context: BindContext) -> BindContext:
    """A context whose target is a column of numbers with the bounds of the column."""
    low, high = bounds_of(spec, target, context)
    whole = target.type.kind in (Kind.INTEGER, Kind.YEAR, Kind.DATE)
    t = SqlType(Kind.INTEGER, "bigint", bits=64) if whole else SqlType(Kind.FLOAT, "double precision", bits=64)
    return replace(context, targets=(Target(target.name, t, False, Restriction(lower=low, upper=high)),))


def bind_correlated(spec: Correlated, context: BindContext) -> Generator:
    """The generator. Raises MomentProblem (a ValueError)."""
    from ssgproj.generators.correlated_draw import CorrelatedGenerator, margin_table

    moments = moments_of(spec, context)
    tables = tuple(
        margin_table(
            _margin(spec, t.name), mean, std_dev, bounds_of(spec, t, context), margin_context(spec, t, context)
        )
        for t, mean, std_dev in zip(context.targets, moments.means, moments.std_devs, strict=True)
    )
    factor = np.linalg.cholesky(moments.correlations + np.eye(len(tables)) * 1e-12)
    return CorrelatedGenerator(context.targets, np.asarray(factor, dtype=np.float64), tables)
