"""A generator within an option of another: `by: {exponential: 30 days}`, the fields of `json`, the cases of `given`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from ssgproj.generators.base import Problem, Spec

if TYPE_CHECKING:
    from ssgproj.diagnostics import Diagnostic
    from ssgproj.generators.base import BindContext
    from ssgproj.project.model import Generate


def named(value: Any) -> str | None:
    """The generator that a mapping names; None if it names none."""
    from ssgproj.generators import GENERATORS

    return next((k for k in value if k in GENERATORS), None) if isinstance(value, Mapping) else None


def as_generate(value: Mapping[str, Any], columns: tuple[str, ...]) -> Generate:
    """What the reader of models makes of the same mapping as a `generate:`."""
    from ssgproj.generators import GENERATORS
    from ssgproj.generators.options import option_name
    from ssgproj.project.model import Generate

    kind = named(value)
    if kind is None:
        raise ValueError("the mapping names no generator")
    main = value[kind]
    names = {option_name(f) for f in fields(GENERATORS[kind])}
    options = dict(main) if isinstance(main, Mapping) and names & set(main) else {} if main is None else {"": main}
    return Generate(kind, options | {k: v for k, v in value.items() if k != kind}, columns)


def spec_of(value: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[Spec | None, list[Diagnostic]]:
    """The spec of the generator that a mapping describes, or None with the reasons."""
    from ssgproj.generators.build import build_spec

    return build_spec(as_generate(value, columns))


def check(value: Mapping[str, Any], context: BindContext, option: str, what: str) -> Iterator[Problem]:
    """Everything wrong with a generator within an option; messages begin with `what`."""
    from ssgproj.generators.build import resolve

    spec, found = spec_of(value, tuple(t.name for t in context.targets))
    for diagnostic in found:
        yield Problem(f"{what}: {diagnostic.message}", option, diagnostic.hint)
    if spec is not None:
        for problem in resolve(spec, context.stats, {}).check(context):
            yield replace(problem, message=f"{what}: {problem.message}", option=option)
