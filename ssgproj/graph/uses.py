"""`stat.NAME.COLUMN`, `var.NAME` and `column.NAME` in the options of generators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.project.model import Generate, Model
from ssgproj.project.names import table_text
from ssgproj.project.project import Project
from ssgproj.project.stat import Stat
from ssgproj.project.suggest import suggestion

REFERENCE = re.compile(r"(stat|var|column)\.([^\W\d]\w*)(?:\.([^.\s][^.]*))?")
_COLUMN = re.compile(r"column\.(.+)")
_NAMED = {
    "choice": ("values", ("weights", "columns", "given")),
    "histogram": ("bins", ("weights", "bin", "lower", "upper")),
    "missing": ("patterns", ("weights", "pattern", "flags")),
    "per_parent": ("count", ("weights", "value")),
}
"""Generators that take a whole statistic: the option that names it, and those that name its columns."""
_READING = frozenset({"python"})
"""Generators whose `column.NAME` may be a column of a parent: `readings` looks for them."""
_WITHIN = {"given": ("on", "keys")}
"""Generators with another beside them, whose statistic must have columns of these options' names: the second's, or else the first's."""


def references(value: Any) -> Iterator[tuple[str, str, str | None]]:
    """Every `(kind, name, column)` that stands anywhere in an option's value."""
    if isinstance(value, str):
        if match := REFERENCE.fullmatch(value):
            yield match[1], match[2], match[3]
        elif match := _COLUMN.fullmatch(value):
            yield "column", match[1], None
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from references(key)
            yield from references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from references(item)


def used_stats(model: Model) -> set[str]:
    """The names of all stats that a model's generators refer to, whether they exist or not."""
    return {
        name
        for generate in model.generators
        for value in generate.options.values()
        for kind, name, _ in references(value)
        if kind == "stat"
    }


def check_uses(project: Project, model: Model) -> Iterator[Diagnostic]:
    """References of a model's generators to what is not there."""
    stats = {stat.name: stat for stat in project.stats}
    for generate in model.generators:
        for option, value in generate.options.items():
            for at, part in _parts(generate, option, value):
                for kind, name, column in references(part):
                    yield from _check(project, model, generate, stats, kind, name, column, at)
        yield from _check_named(generate, stats)


def _parts(generate: Generate, option: str, value: Any) -> Iterator[tuple[Location, Any]]:
    """An option's value, or each value of its mapping, with its place."""
    if isinstance(value, Mapping) and option:
        for key, item in value.items():
            yield generate.place(f"{option}.{key}"), {key: item}
    else:
        yield generate.option_places.get(option, generate.at), value


def _check_named(generate: Generate, stats: Mapping[str, Stat]) -> Iterator[Diagnostic]:
    """Columns of a statistic that options name without its name."""
    for kind, options in _with_tables(generate.kind, generate.options):
        main, names = _NAMED[kind]
        whole = options.get(main, options.get(kind, options.get("")))
        match = REFERENCE.fullmatch(whole) if isinstance(whole, str) else None
        if match is None or match[1] != "stat" or match[3] or match[2] not in stats:
            continue
        for option in names:
            value = options.get(option)
            at = generate.option_places.get(option, generate.at)
            for column in value if isinstance(value, list | tuple) else [value]:
                if isinstance(column, str) and not REFERENCE.fullmatch(column):
                    yield from check_stat(stats, match[2], column.rpartition(".")[2], at)
        if generate.kind in _WITHIN:
            yield from _check_keys(generate, match[2], stats)


def _with_tables(kind: str, options: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The generators that take a whole statistic, with their options: this one, and those within it at any depth."""
    if kind in _NAMED:
        yield kind, options
    for key, value in options.items():
        if key in _NAMED and kind not in _NAMED:
            yield key, options if not isinstance(value, Mapping) else {**options, **value}
        if isinstance(value, Mapping):
            yield from _with_tables("", value)


def _check_keys(generate: Generate, name: str, stats: Mapping[str, Stat]) -> Iterator[Diagnostic]:
    first, second = _WITHIN[generate.kind]
    option = second if generate.options.get(second) else first
    value = generate.options.get(option, generate.options.get("")) or ()
    at = generate.option_places.get(option, generate.option_places.get("", generate.at))
    for column in value if isinstance(value, list | tuple) else [value]:
        yield from check_stat(stats, name, str(column).rpartition(".")[2], at)


def _check(
    project: Project, model: Model, generate: Generate, stats: Mapping[str, Stat], kind: str, name: str, column: str | None, at: Location
) -> Iterator[Diagnostic]:  # fmt: skip
    if kind == "stat":
        yield from check_stat(stats, name, column, at)
    elif kind == "var" and name not in project.settings.vars:
        yield unknown_variable(project, name, at)
    elif kind == "column" and generate.kind not in _READING:
        names = [c.name for c in model.columns]
        whole = name if column is None else f"{name}.{column}"
        if whole not in names:
            message = f"`{generate.kind}` refers to column `{whole}`, which `{table_text(model.table)}` does not have"
            yield Diagnostic("GR301", "unknown-reference", message, at, suggestion(whole, names))


def check_stat(stats: Mapping[str, Stat], name: str, column: str | None, at: Location) -> Iterator[Diagnostic]:
    """GR301 for a stat, or a column of one, that does not exist."""
    stat = stats.get(name)
    if stat is None:
        hint = suggestion(name, stats) if stats else f"write stats/{name}.sql"
        yield Diagnostic("GR301", "unknown-reference", f"No stat `{name}`", at, hint)
    elif column is not None and stat.outputs and stat.output(column) is None:
        message = f"Stat `{name}` releases no column `{column}`"
        yield Diagnostic("GR301", "unknown-reference", message, at, suggestion(column, [o.name for o in stat.outputs]))


def unknown_variable(project: Project, name: str, at: Location) -> Diagnostic:
    """MD012: a `var.NAME` that the project does not have."""
    hint = f"{suggestion(name, project.settings.vars)}; or write it under `vars:` in ssg_project.yml"
    return Diagnostic("MD012", "unknown-variable", f"No variable `{name}`", at, hint)
