"""`lognormal`: positive numbers with a long tail."""

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
class Lognormal:
    """Positive numbers whose logarithm is normally distributed: prices, durations, incomes.

    `mean` and `std_dev` are those of the natural logarithm of the values, as a statistic over `LN(x)` gives them.

    ```yaml
    generate: {lognormal: {mean: 3.2, std_dev: 0.8, max: 1000}}
    ```
    """

    kind: ClassVar[str] = "lognormal"

    mean: Number = option("The mean of the logarithm.", 0.0, per_row=True)
    std_dev: Number = option("The standard deviation of the logarithm, not negative.", 1.0, per_row=True)
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
        from ssgproj.generators.numeric import bound_generator

        return bound_generator(context.targets[0], lognormal_draw, (self.mean, self.std_dev), self.min, self.max)


def lognormal_draw(rng: np.random.Generator, rows: int, mean: Any, std_dev: Any) -> NDArray[np.float64]:
    """The formula: options are numbers, or an array with one per row."""
    import numpy as np

    result: NDArray[np.float64] = np.exp(np.minimum(rng.standard_normal(rows) * std_dev + mean, 700.0))
    return result
