"""`per_parent`: how many rows each parent has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Number, check_options, option

if TYPE_CHECKING:
    from ssgproj.generators.per_parent_counts import PerParentGenerator


@dataclass(frozen=True, slots=True)
class PerParent:
    """So many rows for each row that the column refers to: sessions of a user, lines of an order. The table's `rows` follow from it.

    A number, a range with both ends (`[10, 19]`), a distribution (`{poisson: 14.5}`, or any other generator of whole numbers), or a statistic
    that counts parents by how many they have: `weights` names its column of how often, `value` that of how many. With `width`, the
    values number bins of that width, as `FLOOR(n / 10)` makes them. Numbers below 0 count as 0. It is for a column with `references:`, and
    one in a table.

    ```yaml
    generate: {per_parent: [1, 5]}
    ```
    """

    kind: ClassVar[str] = "per_parent"

    count: float | tuple[Any, ...] | Mapping[str, Any] | Reference = option(
        "How many: a number, a range, a distribution, or `stat.NAME`.", None, table=True
    )
    weights: str | tuple[Any, ...] | None = option("The statistic's column of how often.", None)
    value: str | None = option("The statistic's column of how many. Default: its only other column.", None)
    width: Number | None = option("The width of the bins, where the values number bins.", None)
    start: Number = option("Where bin number 0 begins.", 0.0)
    min: Number | None = option("The least, instead of `count`; or the least of what is drawn.", None)
    max: Number | None = option("The greatest, instead of `count`; or the greatest of what is drawn.", None)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.per_parent_counts import check_per_parent

        yield from check_options(self, context)
        yield from check_per_parent(self, context)

    def bind(self, context: BindContext) -> PerParentGenerator:
        from ssgproj.generators.per_parent_counts import bind_per_parent

        return bind_per_parent(self, context)
