"""`normal`: numbers around a mean."""

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
class Normal:
    """Numbers of a normal distribution (the bell curve), rounded to the column's type.

    What falls outside `min` and `max`, or outside a CHECK of the column, is drawn again. The mean and the standard deviation are those of
    what comes out, as far as the bounds leave room for them: half a bell curve cannot be as wide as a whole one.

    ```yaml
    generate: {normal: {mean: 41.5, std_dev: 12, min: 0, max: 100}}
    ```
    """

    kind: ClassVar[str] = "normal"

    mean: Number = option("The mean.", 0.0, per_row=True)
    std_dev: Number = option("The standard deviation, not negative.", 1.0, per_row=True)
    min: Number | None = option("The least value.", None, per_row=True)
    max: Number | None = option("The greatest value.", None, per_row=True)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.numeric import check_numeric

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from check_numeric(self.kind, context)
        yield from bounds(self.min, self.max)
        if not isinstance(self.std_dev, Reference) and self.std_dev < 0:
            yield Problem("`std_dev` is negative", "std_dev", "write a number of 0 or more")

    def bind(self, context: BindContext) -> Generator:
        from dataclasses import replace

        from ssgproj.generators.numeric import bound_generator
        from ssgproj.generators.truncation import fitted

        made = bound_generator(context.targets[0], normal_draw, (self.mean, self.std_dev), self.min, self.max)
        if any(isinstance(o, Reference) for o in (self.mean, self.std_dev, made.minimum, made.maximum)):
            return made
        mean, std_dev = made.options
        return replace(made, options=fitted(mean, std_dev, made.minimum, made.maximum))


def normal_draw(rng: np.random.Generator, rows: int, mean: Any, std_dev: Any) -> NDArray[np.float64]:
    """The formula: options are numbers, or an array with one per row."""
    result: NDArray[np.float64] = rng.standard_normal(rows) * std_dev + mean
    return result
