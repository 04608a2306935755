"""Numbers of rows within their parent: the lines of an order are 1, 2, 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.generators.base import Batch
    from ssgproj.generators.world import TableBatch
    from ssgproj.project.types import SqlType


@dataclass(frozen=True, slots=True)
class NumberedWithinParent:
    """`start` for the first row of each parent, one more for each further row. Raises SsgError where they pass the end of the type."""

    type: SqlType
    start: int = 1

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import pyarrow as pa
        import pyarrow.compute as pc

        from ssgproj.errors import SsgError
        from ssgproj.generators.arrow import arrow_type

        siblings = cast("TableBatch", batch).siblings
        if siblings is None:
            raise SsgError("Rows can only be numbered within their parents where `per_parent` makes them")
        try:
            return [pc.cast(pa.array(siblings.position + self.start), arrow_type(self.type))]
        except pa.ArrowInvalid:
            raise SsgError(
                f"A parent has more rows than a number of type `{self.type.text}` can count",
                "make fewer rows per parent",
            ) from None
