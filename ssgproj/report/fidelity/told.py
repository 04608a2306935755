"""What the generators of a table were told to make: shares of values, bins, and single figures, released or written in the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ssgproj.generators.base import BindContext, Reference, Target
from ssgproj.generators.build import build_spec, resolve
from ssgproj.graph.uses import references

if TYPE_CHECKING:
    from ssgproj.generators.base import Spec
    from ssgproj.generators.choice_table import Table
    from ssgproj.graph.graph import Graph
    from ssgproj.project.model import Generate, Model

RELEASED = "released"
MODEL = "model"

FIGURES: Mapping[tuple[str, str], str] = {
    ("normal", "mean"): "mean",
    ("normal", "std_dev"): "std_dev",
    ("poisson", "mean"): "mean",
    ("exponential", "mean"): "mean",
    ("lognormal", "mean"): "log_mean",
    ("lognormal", "std_dev"): "log_std_dev",
    **{(kind, end): end for kind in ("integer", "uniform", "date", "datetime", "normal") for end in ("min", "max")},
}
"""Options of generators that say a figure of the column, and which. Any other option that takes a statistic is shown as text."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How often each value was to come, NULLs left aside; shares add up to 1. Values are as Python has them."""

    values: tuple[Any, ...]
    shares: tuple[float, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class ToldBins:
    """How much was to be in each bin `[lower, upper)`."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    shares: tuple[float, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a column. `what` is one of the values of `FIGURES`, or empty: then `option` names it."""

    what: str
    option: str
    value: float | str
    origin: str
    stat: str | None = None


@dataclass(frozen=True, slots=True)
class Joint:
    """How often values of several columns were to come together."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    shares: tuple[float, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Told:
    """Everything a table was told, by column. `stats` are the names of the statistics that a column uses, `problems` those of them that
    have no result to compare with."""

    shares: Mapping[str, Shares] = field(default_factory=dict)
    bins: Mapping[str, ToldBins] = field(default_factory=dict)
    figures: Mapping[str, tuple[Figure, ...]] = field(default_factory=dict)
    joints: tuple[Joint, ...] = ()
    stats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def told(graph: Graph, model: Model, results: Mapping[str, Mapping[str, Sequence[Any]]]) -> Told:
    """What a model's generators say. `results` are the released values by statistic and column; a statistic that is not among them is a
    problem of the columns that use it."""
    shares: dict[str, Shares] = {}
    bins: dict[str, ToldBins] = {}
    figures: dict[str, tuple[Figure, ...]] = {}
    stats: dict[str, tuple[str, ...]] = {}
    problems: dict[str, str] = {}
    joints: list[Joint] = []
    known = {c.name for c in model.columns}
    for generate in model.generators:
        if not set(generate.columns) <= known:
            continue
        used = list(dict.fromkeys(n for k, n, _ in references(dict(generate.options)) if k == "stat"))
        for name in generate.columns:
            if used:
                stats[name] = tuple(used)
        lost = [n for n in used if n not in results]
        if lost:
            problems |= dict.fromkeys(generate.columns, f"no result of stat.{lost[0]} to compare with")
            continue
        written, found = build_spec(generate)
        if written is None or any(d.is_error for d in found):
            continue
        spec = resolve(written, results, graph.project.settings.vars)
        context = _context(graph, model, generate, results)
        if generate.kind == "choice":
            _choice(written, spec, context, shares, joints)
        elif generate.kind == "histogram":
            _histogram(written, spec, context, bins)
        elif generate.kind == "boolean" and "probability" in generate.options:
            chance = getattr(spec, "probability", None)
            if isinstance(chance, int | float) and 0 <= chance <= 1:
                origin = _origin(getattr(written, "probability", None))
                shares[generate.columns[0]] = Shares((True, False), (float(chance), 1 - float(chance)), origin)
        said = tuple(_figures(generate, written, spec, results))
        if said:
            figures |= dict.fromkeys(generate.columns, said)
    return Told(shares, bins, figures, tuple(joints), stats, problems)


def _context(graph: Graph, model: Model, generate: Generate, results: Mapping[str, Any]) -> BindContext:
    targets = tuple(Target(n, model.column(n).type, model.column(n).nullable) for n in generate.columns)
    settings = graph.project.settings
    return BindContext(
        str(model.table), targets, settings.generation.locale, settings.generation.now, graph.project.root,
        stats=results, dialect=settings.dialect,
    )  # fmt: skip


def _origin(*options: Any) -> str:
    return RELEASED if any(isinstance(o, Reference) and o.kind == "stat" for o in options) else MODEL


def _choice(written: Spec, spec: Spec, context: BindContext, shares: dict[str, Shares], joints: list[Joint]) -> None:
    from ssgproj.generators.choice_table import TableProblem, choice_table

    try:
        table: Table = choice_table(spec, context)  # type: ignore[arg-type]
    except TableProblem:
        return  # `ssg lint` says what is wrong
    weights = table.weights or (1.0,) * len(table.values[0])
    total = sum(weights)
    if not total > 0:
        return
    origin = _origin(getattr(written, "values", None), getattr(written, "weights", None))
    by_column = {t.name: v for t, v in zip(context.targets, table.values, strict=True)}
    for name, values in by_column.items():
        if made := _summed(values, weights):
            shares[name] = Shares(tuple(made), tuple(made.values()), origin)
    by_column |= dict(table.given)
    names = tuple(by_column)
    if len(names) > 1:
        rows = tuple(zip(*by_column.values(), strict=True))
        joints.append(Joint(names, rows, tuple(w / total for w in weights), origin))


def _summed(values: Sequence[Any], weights: Sequence[float]) -> dict[Any, float]:
    """Shares by value, NULLs left aside; values that are equal count together."""
    made: dict[Any, float] = {}
    for value, weight in zip(values, weights, strict=True):
        if value is not None and _plain(value):
            made[value] = made.get(value, 0.0) + weight
    total = sum(made.values())
    return {v: w / total for v, w in made.items()} if total > 0 else {}


def _plain(value: Any) -> bool:
    """Whether a value can be counted: lists and mappings cannot."""
    return not isinstance(value, list | dict | tuple | Mapping)


def _histogram(written: Spec, spec: Spec, context: BindContext, bins: dict[str, ToldBins]) -> None:
    import numpy as np

    from ssgproj.generators.choice_table import TableProblem
    from ssgproj.generators.histogram_table import bind_histogram

    try:
        made = bind_histogram(spec, context)  # type: ignore[arg-type]
    except TableProblem:
        return
    shares = np.diff(made.cumulative, prepend=0.0)
    real = np.isfinite(made.lower) & np.isfinite(made.upper)
    order = np.argsort(made.lower[real], kind="stable")
    lower, upper, shares = (a[real][order] for a in (made.lower, made.upper, shares))
    if shares.sum() > 0:
        shares = shares / shares.sum()
        origin = _origin(getattr(written, "bins", None), getattr(written, "weights", None))
        bins[context.targets[0].name] = ToldBins(
            tuple(lower.tolist()), tuple(upper.tolist()), tuple(shares.tolist()), origin
        )


def _figures(
    generate: Generate, written: Spec, spec: Spec, results: Mapping[str, Mapping[str, Sequence[Any]]]
) -> Iterator[Figure]:
    shown = set()
    for option in generate.options:
        what = FIGURES.get((generate.kind, option))
        value = getattr(spec, option, None)
        reference = getattr(written, option, None)
        stat = str(reference) if isinstance(reference, Reference) and reference.kind == "stat" else None
        if what and isinstance(value, int | float) and not isinstance(value, bool):
            shown.add(option)
            yield Figure(what, option, float(value), _origin(reference), stat)
    for option, value in generate.options.items():
        if option in shown:
            continue
        for kind, name, column in references(value):
            if kind == "stat" and column and len(found := results.get(name, {}).get(column, ())) == 1:
                yield Figure("", option or generate.kind, str(found[0]), RELEASED, f"stat.{name}.{column}")
