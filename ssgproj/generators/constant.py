"""`constant`: the same value in every row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, option

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.generators.base import Batch, Generator, Target


@dataclass(frozen=True, slots=True)
class Constant:
    """One value in every row, or with `column.NAME` the value of another column.

    ```yaml
    generate: {constant: active}
    ```
    """

    kind: ClassVar[str] = "constant"

    value: Any = option("The value.", per_row=True)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.checks import check_value

        yield from check_options(self, context)
        if not isinstance(self.value, Reference):
            for target in context.targets:
                yield from check_value(self.value, target, "value")

    def bind(self, context: BindContext) -> Generator:
        return ConstantGenerator(context.targets, self.value)


@dataclass(frozen=True, slots=True)
class ConstantGenerator:
    """One value for every row of each column."""

    targets: tuple[Target, ...]
    value: Any

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import pyarrow as pa

        from ssgproj.generators.arrow import arrow_type, cast_to
        from ssgproj.generators.values import from_python

        if isinstance(self.value, Reference):
            column = batch.column(self.value.name)
            return [cast_to(column, t.type) for t in self.targets]
        if self.value is None:
            return [pa.nulls(batch.rows, arrow_type(t.type)) for t in self.targets]
        return [pa.repeat(from_python([self.value], t.type)[0], batch.rows) for t in self.targets]
