"""`boolean`: true or false."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Number, check_options, one_target, option

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.generators.base import Batch, Generator, Target


@dataclass(frozen=True, slots=True)
class Boolean:
    """True with a probability, else false. In a number column 1 and 0, in a text column `true` and `false`.

    ```yaml
    generate: {boolean: 0.8}
    ```
    """

    kind: ClassVar[str] = "boolean"

    probability: Number = option("How often it is true, from 0 to 1.", 0.5, per_row=True)

    def check(self, context: BindContext) -> Iterator[Problem]:
        yield from one_target(self, context)
        yield from check_options(self, context)
        if not isinstance(self.probability, Reference) and not 0 <= self.probability <= 1:
            yield Problem("`probability` is not between 0 and 1", "probability", "write a number such as 0.5")

    def bind(self, context: BindContext) -> Generator:
        return BooleanGenerator(context.targets[0], self.probability)


@dataclass(frozen=True, slots=True)
class BooleanGenerator:
    """True or false, in one column."""

    target: Target
    probability: Any

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import pyarrow as pa

        from ssgproj.generators.arrow import cast_to
        from ssgproj.generators.numeric import per_row
        from ssgproj.project.types import Kind

        chosen = batch.rng().random(batch.rows) < per_row(self.probability, batch)
        values = pa.array(chosen)
        if self.target.type.is_numeric:
            values = values.cast(pa.int8())
        elif self.target.type.kind is not Kind.BOOLEAN:
            values = values.cast(pa.string())
        return [cast_to(values, self.target.type)]
