"""`null`: no value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ssgproj.generators.base import BindContext, Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.generators.base import Batch, Generator, Target


@dataclass(frozen=True, slots=True)
class Null:
    """NULL in every row: for columns that stay empty.

    ```yaml
    generate: "null"
    ```
    """

    kind: ClassVar[str] = "null"

    def check(self, context: BindContext) -> Iterator[Problem]:
        for target in context.targets:
            if not target.nullable:
                yield Problem(
                    f"Column `{target.name}` cannot be NULL", None, f"write `{target.name}: {{nullable: true}}`"
                )

    def bind(self, context: BindContext) -> Generator:
        return NullGenerator(context.targets)


@dataclass(frozen=True, slots=True)
class NullGenerator:
    """NULL for every row of each column."""

    targets: tuple[Target, ...]

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import pyarrow as pa

        from ssgproj.generators.arrow import arrow_type

        return [pa.nulls(batch.rows, arrow_type(t.type)) for t in self.targets]
