"""The cases of `given`: one generator for each group, from parts of statistics or written one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ssgproj.generators.base import Batch, BindContext, Problem, Reference, Spec
from ssgproj.generators.lookup import NotFoundError
from ssgproj.generators.nested import as_generate, check, named, spec_of
from ssgproj.generators.options import option_name

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Generator
    from ssgproj.generators.given import Given
    from ssgproj.generators.groups import Groups


def _tree(value: Any) -> Mapping[str, Any]:
    """A case as the mapping of a generator: what names none is a fixed value."""
    return value if named(value) else {"constant": value}


def inline_cases(spec: Given) -> Mapping[Any, Mapping[str, Any]] | None:
    """The generators of the cases as they are written; None where a statistic gives them."""
    from dataclasses import fields

    from ssgproj.generators import GENERATORS

    if spec.cases is not None:
        return {k: _tree(v) for k, v in spec.cases.items()}
    arguments = spec.arguments or {}
    kind = named(arguments)
    main = arguments.get(kind) if kind else None
    if kind is None or not isinstance(main, Mapping) or not main:
        return None
    options = {option_name(f) for f in fields(GENERATORS[kind])}
    if options & set(main) or not all(isinstance(v, Mapping | list | tuple) for v in main.values()):
        return None
    beside = {k: v for k, v in arguments.items() if k != kind}
    return {k: {kind: {**v, **beside} if isinstance(v, Mapping) and options & set(v) else v} for k, v in main.items()}


def read_within(spec: Given) -> Iterator[str]:
    """The columns that the generators within read."""
    trees = [*(inline_cases(spec) or {}).values(), spec.arguments or {}, spec.otherwise]
    for tree in trees:
        if named(tree) is None:
            continue
        inner: Any = spec_of(tree, ())[0]
        if hasattr(inner, "reads"):
            yield from inner.reads()
        if hasattr(inner, "needs"):
            yield from inner.needs(())
        yield from (text for text in _strings(tree) if text.startswith("column."))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str | Reference):
        yield str(value)


def check_given(spec: Given, context: BindContext) -> Iterator[Problem]:
    """Everything wrong with the columns, the cases and the generators; nothing about a statistic without a result."""
    if not spec.columns:
        yield Problem("`given` names no column", "on", "write `given: COLUMN`")
        return
    for text in spec.columns:
        try:
            context.columns.find(text)
        except NotFoundError as error:
            yield Problem(error.message, "on", error.hint)
    if spec.otherwise is not None:
        yield from check(_tree(spec.otherwise), context, "otherwise", "`otherwise`")
    cases = inline_cases(spec)
    if cases is not None:
        if len(spec.columns) != 1:
            yield Problem(
                "A table by value is for one column", "on", "write one `given` within another, or a statistic"
            )
        if spec.cases is not None and spec.arguments:
            extra = next(iter(spec.arguments))
            yield Problem(f"`cases` names the generators, so `{extra}` has no effect", extra, f"remove `{extra}`")
        for value, tree in cases.items():
            yield from check(
                tree, context, "cases" if spec.cases is not None else named(tree) or "on", f"Case `{value}`"
            )
        return
    arguments = spec.arguments or {}
    kinds = [k for k in arguments if named({k: None})]
    if not kinds:
        yield Problem(
            "`given` needs a generator beside it",
            "on",
            "for example: {given: country, choice: stat.devices, weights: n}",
        )
        return
    _, found = spec_of(arguments, tuple(t.name for t in context.targets))
    for diagnostic in found:
        option = next((o for o in arguments if f"`{o}`" in diagnostic.message), kinds[0])
        yield Problem(diagnostic.message, option, diagnostic.hint)
    used = {r.name for r in _references(arguments)}
    if found or not used <= set(context.stats):
        return
    if not used:
        yield Problem(
            f"`{kinds[0]}` is the same whatever `{spec.columns[0]}` is", kinds[0], "name a statistic, or write `cases:`"
        )
        return
    yield from _check_parts(spec, context, kinds[0])


def _check_parts(spec: Given, context: BindContext, kind: str) -> Iterator[Problem]:
    keys = _keys(spec)
    if len(keys) != len(spec.columns):
        yield Problem(f"{len(keys)} keys for {len(spec.columns)} columns", "keys", "write one for each")
        return
    if not _split(spec, context):
        from ssgproj.project.suggest import suggestion

        name = next(r.name for r in _references(spec.arguments))
        missing = next((k for k in keys if k not in context.stats[name]), keys[0])
        message = f"Statistic `{name}` has no column `{missing}` to tell the groups apart"
        yield Problem(message, "on", f"{suggestion(missing, context.stats[name], sort=False)}; write `keys: COLUMN`")
        return
    usable, problems = _parts(spec, context)
    if not usable:
        yield from (replace(p, option=p.option if p.option in (spec.arguments or {}) else kind) for p in problems[:5])


def _references(value: Any) -> Iterator[Reference]:
    if isinstance(value, Reference):
        if value.kind == "stat":
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _references(item)


def _keys(spec: Given) -> tuple[str, ...]:
    """The statistic's columns that hold the values of the columns given."""
    if spec.keys:
        return (spec.keys,) if isinstance(spec.keys, str) else tuple(map(str, spec.keys))
    return tuple(text.rpartition(".")[2] for text in spec.columns)


def _split(spec: Given, context: BindContext) -> list[str]:
    """The statistics that are used group by group: those that have the key columns."""
    names = dict.fromkeys(r.name for r in _references(spec.arguments))
    return [n for n in names if all(k in context.stats.get(n, {}) for k in _keys(spec))]


@dataclass(frozen=True, slots=True)
class Part:
    """One group: its values, its generator's spec, and how much it weighs."""

    values: tuple[Any, ...]
    spec: Spec
    context: BindContext
    weight: float


def _parts(spec: Given, context: BindContext) -> tuple[list[Part], list[Problem]]:
    """The groups whose generators can be made, and what is wrong with the others."""
    from ssgproj.generators.build import build_spec, resolve
    from ssgproj.generators.groups import spelling

    keys, names = _keys(spec), _split(spec, context)
    rows: dict[tuple[str, ...], dict[str, list[int]]] = {}
    values: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for name in names:
        for row, found in enumerate(zip(*(context.stats[name][k] for k in keys), strict=True)):
            spelled = tuple(map(spelling, found))
            values.setdefault(spelled, found)
            rows.setdefault(spelled, {}).setdefault(name, []).append(row)
    generate = as_generate(spec.arguments or {}, tuple(t.name for t in context.targets))
    weights = generate.options.get("weights")
    usable: list[Part] = []
    problems: list[Problem] = []
    for group, by_stat in rows.items():
        stats = dict(context.stats)
        for name in names:
            columns = {c: v for c, v in context.stats[name].items() if c not in keys}
            stats[name] = {c: [v[r] for r in by_stat.get(name, ())] for c, v in columns.items()}
        within = replace(context, stats=stats)
        built, _ = build_spec(generate)
        if built is None:
            continue
        made = resolve(built, stats, {})
        wrong = list(made.check(within))
        if wrong:
            problems += wrong
            continue
        counted = next((stats[n][weights] for n in names if isinstance(weights, str) and weights in stats[n]), [1.0])
        usable.append(Part(values[group], made, within, sum(max(float(c or 0), 0.0) for c in counted)))
    return usable, problems


def bind_given(spec: Given, context: BindContext) -> Generator:
    """The generator. Raises ValueError."""
    from ssgproj.generators.choice_table import bind_choice, cumulative
    from ssgproj.generators.groups import groups_of

    read = [context.columns.find(text) for text in spec.columns]
    cases = inline_cases(spec)
    otherwise = None if spec.otherwise is None else _bound(_tree(spec.otherwise), context)
    if cases is not None:
        groups, _ = groups_of(read, [list(cases)])
        return Cases(groups, tuple(_bound(t, context) for t in cases.values()), otherwise, cumulative(None, len(cases)))
    inner: Any = spec_of(spec.arguments or {}, tuple(t.name for t in context.targets))[0]
    if inner.kind == "choice" and otherwise is None and isinstance(inner.values, Reference):
        return bind_choice(inner, context, tuple(zip(spec.columns, _keys(spec), strict=True)))
    parts, _ = _parts(spec, context)
    groups, _ = groups_of(read, list(zip(*(p.values for p in parts), strict=True)))
    weights = [p.weight for p in parts]
    shares = cumulative(weights if sum(weights) > 0 else None, len(parts))
    return Cases(groups, tuple(p.spec.bind(p.context) for p in parts), otherwise, shares)


def _bound(tree: Mapping[str, Any], context: BindContext) -> Generator:
    from ssgproj.generators.build import resolve

    spec, problems = spec_of(tree, tuple(t.name for t in context.targets))
    if spec is None:
        raise ValueError(problems[0].message)
    return resolve(spec, context.stats, {}).bind(context)


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """A generator for each group of rows. Rows of no group get `otherwise`, or else one of the groups by their `shares`."""

    groups: Groups
    makers: tuple[Generator, ...]
    otherwise: Generator | None
    shares: NDArray[np.float64]

    @property
    def per_row(self) -> bool:
        """Whether one of them calls Python for every row."""
        return any(getattr(m, "per_row", False) for m in (*self.makers, self.otherwise))

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import numpy as np
        import pyarrow as pa

        from ssgproj.generators.streams import RowsBatch

        group = self.groups.of(batch)
        makers = self.makers
        if self.otherwise is not None:
            makers = (*makers, self.otherwise)
            group = np.where(group < 0, len(self.makers), group)
        elif (group < 0).any():
            any_group = np.searchsorted(self.shares, batch.rng("group").random(batch.rows), side="right")
            group = np.where(group < 0, any_group, group)
        if not batch.rows:
            return list(makers[0].generate(batch))
        order = np.argsort(group, kind="stable")
        present, starts = np.unique(group[order], return_index=True)
        made = [
            list(makers[number].generate(RowsBatch(batch, rows, f"group{number}")))
            for number, rows in zip(present, np.split(order, starts[1:]), strict=True)
        ]
        back = np.empty(batch.rows, np.int64)
        back[order] = np.arange(batch.rows)
        place = pa.array(back)
        return [pa.concat_arrays(list(map(_whole, arrays))).take(place) for arrays in zip(*made, strict=True)]


def _whole(array: pa.Array) -> pa.Array:
    import pyarrow as pa

    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
