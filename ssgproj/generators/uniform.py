"""`uniform`: numbers between two bounds, all equally likely."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem
from ssgproj.generators.options import Number, bounds, check_options, one_target, option

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Uniform:
    """Numbers between `min` and `max`, all equally likely, rounded to the column's type.

    For whole numbers `integer` is exact at both ends.

    ```yaml
    generate: {uniform: {min: 0.5, max: 9.99}}
    ```
    """

    kind: ClassVar[str] = "uniform"

    min: Number = option("The least value.", 0.0, per_row=True)
    max: Number = option("The greatest value.", 1.0, per_row=True)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.numeric import check_numeric

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from check_numeric(self.kind, context)
        yield from bounds(self.min, self.max)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.numeric import bound_generator

        return bound_generator(context.targets[0], uniform_draw, (self.min, self.max), None, None)


def uniform_draw(rng: np.random.Generator, rows: int, low: Any, high: Any) -> NDArray[np.float64]:
    """The formula: options are numbers, or an array with one per row."""
    result: NDArray[np.float64] = rng.random(rows) * (high - low) + low
    return result
