"""`integer`: whole numbers between two bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference, Restriction
from ssgproj.generators.options import Whole, bounds, check_options, one_target, option

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.generators.base import Batch, Generator, Target


@dataclass(frozen=True, slots=True)
class Integer:
    """Whole numbers from `min` to `max`, both included, all equally likely.

    Without bounds they are those of the column's default: small positive numbers within its constraints.

    ```yaml
    generate: {integer: {min: 1, max: 6}}
    ```
    """

    kind: ClassVar[str] = "integer"

    min: Whole | None = option("The least value.", None, per_row=True)
    max: Whole | None = option("The greatest value.", None, per_row=True)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.numeric import check_numeric

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from check_numeric(self.kind, context)
        yield from bounds(self.min, self.max)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.defaults import default_domain
        from ssgproj.generators.domain import DomainDraw
        from ssgproj.generators.domains.texts import TextDomain
        from ssgproj.generators.numeric import NUMERIC, narrowed
        from ssgproj.project.types import Kind, SqlType

        target = context.targets[0]
        if isinstance(self.min, Reference) or isinstance(self.max, Reference):
            return IntegerPerRow(target, self.min, self.max)
        whole = SqlType(Kind.INTEGER, target.type.text, bits=64)
        if target.type.kind is Kind.INTEGER:
            domain = default_domain(
                narrowed(target, self.min, self.max), rows=context.rows, unique=False, context=context
            )
            return DomainDraw(domain)
        restriction = target.restriction if target.type.kind in NUMERIC else Restriction()
        inner = narrowed(replace(target, type=whole, restriction=restriction), self.min, self.max)
        domain = default_domain(inner, rows=context.rows, unique=False, context=context)
        return DomainDraw(TextDomain(domain, target.type))


@dataclass(frozen=True, slots=True)
class IntegerPerRow:
    """Whole numbers between bounds that other columns give."""

    target: Target
    min: Any
    max: Any

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import numpy as np

        from ssgproj.generators.numeric import allowed, finish, per_row

        first, last = allowed(self.target)
        low = per_row(1 if self.min is None else self.min, batch)
        high = per_row(low + 999 if self.max is None else self.max, batch)
        low = low if first is None else np.maximum(low, first)
        high = high if last is None else np.minimum(high, last)
        spread = np.maximum(high - low, 0)
        return [finish(np.floor(batch.rng().random(batch.rows) * (spread + 1)) + low, self.target)]
