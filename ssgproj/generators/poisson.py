"""`poisson`: counts of rare events."""

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
class Poisson:
    """Counts: how often something happens that happens `mean` times on average.

    ```yaml
    generate: {poisson: 3.5}
    ```
    """

    kind: ClassVar[str] = "poisson"

    mean: Number = option("The mean, not negative.", 1.0, per_row=True)
    min: Number | None = option("The least value.", None, per_row=True)
    max: Number | None = option("The greatest value.", None, per_row=True)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.numeric import check_numeric

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from check_numeric(self.kind, context)
        yield from bounds(self.min, self.max)
        if not isinstance(self.mean, Reference) and not 0 <= self.mean <= 1e12:
            yield Problem("`mean` is negative or too large", "mean", "write a number of 0 or more")

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.numeric import bound_generator

        return bound_generator(context.targets[0], poisson_draw, (self.mean,), self.min, self.max)


def poisson_draw(rng: np.random.Generator, rows: int, mean: Any) -> NDArray[np.float64]:
    """The formula: options are numbers, or an array with one per row."""
    import numpy as np

    return rng.poisson(np.nan_to_num(np.clip(mean, 0, 1e12)), rows).astype(np.float64)
