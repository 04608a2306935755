"""`json`: small objects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from ssgproj.errors import SsgError
from ssgproj.generators.base import BindContext, Problem, Spec, Target
from ssgproj.generators.options import check_options, kinds_allowed, one_target, option
from ssgproj.project.types import Kind, parse_type

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.generators.base import Batch, Generator

_TYPES = {
    "integer": "bigint", "sequence": "bigint", "poisson": "bigint", "zipf": "bigint", "uniform": "double precision",
    "normal": "double precision", "lognormal": "double precision", "exponential": "double precision", "boolean": "boolean",
    "json": "json",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Json:
    """Objects with the fields that `fields` names: each a generator, or a fixed value. Without fields, the column's default.

    ```yaml
    generate: {json: {fields: {plan: {choice: [free, pro]}, seats: {integer: {min: 1, max: 50}}, version: 2}}}
    ```
    """

    kind: ClassVar[str] = "json"

    fields: Mapping[str, Any] | None = option("The object's fields.", None)

    def check(self, context: BindContext) -> Iterator[Problem]:
        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from kinds_allowed(context, (Kind.JSON, Kind.STRING, Kind.OTHER), self.kind)
        for name, value in (self.fields or {}).items():
            spec, problems = part(name, value, context)
            yield from problems
            if spec is not None:
                for problem in spec.check(inner(name, spec, context)):
                    yield replace(problem, message=f"Field `{name}`: {problem.message}", option="fields")

    def bind(self, context: BindContext) -> Generator:
        if not self.fields:
            from ssgproj.generators.defaults import default_domain
            from ssgproj.generators.domain import DomainDraw

            target = replace(context.targets[0], type=replace(context.targets[0].type, kind=Kind.JSON))
            return DomainDraw(default_domain(target, rows=context.rows, unique=False, context=context))
        parts: list[tuple[str, Any]] = []
        objects: set[str] = set()
        for name, value in self.fields.items():
            spec, problems = part(name, value, context)
            if problems:
                raise SsgError(problems[0].message, problems[0].hint)
            parts.append((name, spec.bind(inner(name, spec, context)) if spec else value))
            if spec is not None and spec.kind == self.kind:
                objects.add(name)
        return JsonGenerator(context.targets[0], tuple(parts), frozenset(objects))

    def needs(self, columns: Any) -> Sequence[str]:
        """The columns that fields are taken from."""
        return [c for c in columns if f"column.{c}" in json.dumps(self.fields, default=str)]


def part(name: str, value: Any, context: BindContext) -> tuple[Spec | None, list[Problem]]:
    """The generator of a field, or None for a fixed value."""
    from ssgproj.generators.build import resolve
    from ssgproj.generators.nested import named, spec_of

    if not isinstance(value, Mapping) or named(value) is None:
        return None, []
    spec, found = spec_of(value, (name,))
    problems = [Problem(f"Field `{name}`: {d.message}", "fields", d.hint) for d in found]
    return (resolve(spec, context.stats, {}) if spec else None), problems


def inner(name: str, spec: Spec, context: BindContext) -> BindContext:
    """A context in which a field is a column of its own."""
    t = parse_type(_TYPES.get(spec.kind, "text"))
    return replace(context, targets=(Target(f"{context.targets[0].name}.{name}", t, nullable=True),))


@dataclass(frozen=True, slots=True)
class JsonGenerator:
    """Objects put together from the values of other generators."""

    target: Target
    parts: tuple[tuple[str, Any], ...]
    objects: frozenset[str]
    """The fields that are objects themselves."""

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import pyarrow as pa

        from ssgproj.generators import sql_rows
        from ssgproj.generators.arrow import cast_to
        from ssgproj.generators.streams import RowsBatch

        columns: dict[str, pa.Array] = {"rows": pa.nulls(batch.rows)}  # so that there are rows without fields too
        fields: list[str] = []
        for number, (name, value) in enumerate(self.parts):
            column = f"c{number}"
            if hasattr(value, "generate"):
                (columns[column],) = value.generate(cast("Batch", RowsBatch(batch, None, name)))
                said = f"{column}::JSON" if name in self.objects else column
            else:
                said = f"{sql_rows.literal(json.dumps(value, default=str, ensure_ascii=False))}::JSON"
            fields += [sql_rows.literal(name), said]
        made = sql_rows.columns(pa.table(columns), [f"json_object({', '.join(fields)})::VARCHAR"])
        (texts,) = made.combine_chunks().columns
        whole = texts.combine_chunks()
        return [whole if self.target.type.kind is Kind.JSON else cast_to(whole, self.target.type)]
