"""`generate:` as written → the spec of its generator, with every problem at its place; then its references → values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.generators import GENERATORS
from ssgproj.generators.base import Spec
from ssgproj.generators.options import hints, option_name, read_value, substitute, with_columns
from ssgproj.project.model import Generate
from ssgproj.project.suggest import suggestion

MAIN = ""
"""The key in `Generate.options` of the value written beside the generator's name."""


def build_spec(generate: Generate) -> tuple[Spec | None, list[Diagnostic]]:
    """The spec that a `generate:` describes, or None with the reasons. Nothing is imported or run but ssg's own modules."""
    kind = GENERATORS.get(generate.kind)
    if kind is None:
        message = f"No generator `{generate.kind}`"
        return None, [
            Diagnostic("MD005", "unknown-generator", message, generate.at, suggestion(generate.kind, GENERATORS))
        ]
    names = {option_name(f): f for f in fields(kind)}
    problems: list[Diagnostic] = []
    values: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for key, value in generate.options.items():
        name = next(iter(names), "") if key == MAIN else key
        place = generate.option_places.get(key, generate.at)
        if name in names:
            try:
                read = read_value(value, hints(kind)[name])
                values[names[name].name] = with_columns(read) if names[name].metadata.get("per_row") else read
            except ValueError as error:
                problems.append(_wrong(generate.kind, name, str(error), place))
        elif getattr(kind, "open_options", False) and key != MAIN:
            extra[key] = with_columns(read_value(value, Any)) if _per_row(kind) else read_value(value, Any)
        elif key == MAIN:
            message = f"`{generate.kind}` takes no value"
            problems.append(Diagnostic("MD006", "unknown-option", message, place, f"write `generate: {generate.kind}`"))
        else:
            message = f"Generator `{generate.kind}` has no option `{key}`"
            problems.append(Diagnostic("MD006", "unknown-option", message, place, suggestion(key, names, sort=False)))
    if extra:
        inner = values.get("arguments") or {}
        for key in extra.keys() & inner.keys():
            place = generate.option_places.get(key, generate.at)
            message = f"`{key}` is given twice: beside `{generate.kind}` and in `arguments`"
            problems.append(Diagnostic("MD006", "unknown-option", message, place, "remove one of them"))
        values["arguments"] = {**inner, **extra}
    for name, f in names.items():
        if (
            f.metadata.get("required")
            and f.name not in values
            and not any(p.at == generate.option_places.get(name) for p in problems)
        ):
            message = f"Generator `{generate.kind}` needs `{name}`"
            problems.append(Diagnostic("MD301", "generator-option", message, generate.at, _example(kind)))
    if any(p.is_error for p in problems):
        return None, problems
    return kind(**values), problems


def _per_row(kind: type) -> bool:
    """Whether arguments of an open generator may name columns."""
    return any(f.name == "arguments" and f.metadata.get("per_row") for f in fields(kind))


def _wrong(kind: str, name: str, expected: str, place: Location) -> Diagnostic:
    message = f"Option `{name}` of `{kind}` has a value of the wrong type"
    return Diagnostic("MD301", "generator-option", message, place, expected)


def _example(kind: type) -> str | None:
    from ssgproj.generators.documentation import example

    text = example(kind)
    return f"for example: {text.splitlines()[0]}" if text else None


def resolve(spec: Spec, stats: Mapping[str, Any], vars: Mapping[str, Any]) -> Spec:
    """The spec with values in the place of `stat.` and `var.` references.

    A reference that stands for no value of the right type stays, and `spec.check` says what is wrong with it. `column.` references
    stay as well: they have a value for each row.
    """
    types = hints(type(spec))
    changed = {}
    for f in fields(spec):  # type: ignore[arg-type]
        name, value = option_name(f), getattr(spec, f.name)
        table = bool(f.metadata.get("table"))
        known = {} if f.metadata.get("whole") else stats
        substituted = substitute(value, types[name], known, vars, table)
        if substituted is not value:
            changed[f.name] = substituted
    return replace(spec, **changed) if changed else spec  # type: ignore[type-var]
