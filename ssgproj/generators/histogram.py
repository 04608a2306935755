"""`histogram`: numbers from bins, each as often as its count says, and evenly within."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Number, check_options, one_target, option

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Histogram:
    """Numbers from bins, each as often as its count says, and evenly within a bin.

    A statistic that counts by bands is used as it is: `weights` names its column of counts, `bin` that of the bins' numbers, as `FLOOR(age / 10)`
    makes them (bin 3 of width 10 is 30 to 40). Where the statistic gives edges instead, name them with `lower`, and `upper` or the
    `width`. A bin's upper edge is not a part of it. Counts below 0, which noise can make, count as 0. A bin without a number
    makes NULL, where the column may be NULL. Bins are cut to what constraints allow.

    ```yaml
    generate: {histogram: [0, 18, 65, 100], weights: [20, 60, 20]}
    ```
    """

    kind: ClassVar[str] = "histogram"

    bins: tuple[Any, ...] | Reference = option("`stat.NAME`, or the edges of the bins, in order.", table=True)
    weights: tuple[Any, ...] | str | Reference = option(
        "How often each bin comes, in any unit: a list, or the name of the statistic's column."
    )
    bin: str | None = option("The statistic's column of the bins' numbers. Default: its only other column.", None)
    lower: str | None = option("The statistic's column of lower edges.", None)
    upper: str | None = option("The statistic's column of upper edges.", None)
    width: Number | None = option("The width of each bin.", None)
    start: Number = option("Where bin number 0 begins.", 0.0)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.histogram_table import check_histogram
        from ssgproj.generators.numeric import check_numeric

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from check_numeric(self.kind, context)
        yield from check_histogram(self, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.histogram_table import bind_histogram

        return bind_histogram(self, context)
