"""`exponential`: waiting times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Number, bounds, check_options, one_target, option

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Exponential:
    """Positive numbers, small ones most likely: the time until something happens. In an interval column they are seconds.

    ```yaml
    generate: {exponential: {mean: 30, max: 600}}
    ```
    """

    kind: ClassVar[str] = "exponential"

    mean: Number = option("The mean, not negative.", 1.0, per_row=True)
    min: Number | None = option("The least value.", None, per_row=True)
    max: Number | None = option("The greatest value.", None, per_row=True)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.numeric import check_numeric

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from check_numeric(self.kind, context)
        yield from bounds(self.min, self.max)
        if not isinstance(self.mean, Reference) and self.mean < 0:
            yield Problem("`mean` is negative", "mean", "write a number of 0 or more")

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.numeric import bound_generator

        return bound_generator(context.targets[0], exponential_draw, (self.mean,), self.min, self.max)


def exponential_draw(rng: np.random.Generator, rows: int, mean: Any) -> NDArray[np.float64]:
    """The formula: options are numbers, or an array with one per row."""
    result: NDArray[np.float64] = rng.standard_exponential(rows) * mean
    return result
