"""`zipf`: ranks, of which the first are by far the most frequent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Number, Whole, check_options, one_target, option

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch, Generator, Target


@dataclass(frozen=True, slots=True)
class Zipf:
    """Whole numbers from 1 to `max`, number k about `k ** -skew` times as often as 1: popularity, word counts, sizes of cities.

    ```yaml
    generate: {zipf: {skew: 1.2, max: 500}}
    ```
    """

    kind: ClassVar[str] = "zipf"

    skew: Number = option("How much more often low ranks come: 0 is uniform.", 1.0)
    max: Whole = option("The last rank.", 1000)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.numeric import check_numeric

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from check_numeric(self.kind, context)
        if not isinstance(self.max, Reference) and self.max < 1:
            yield Problem("`max` is less than 1", "max", "write a whole number of 1 or more")
        if not isinstance(self.skew, Reference) and self.skew < 0:
            yield Problem("`skew` is negative", "skew", "write a number of 0 or more")

    def bind(self, context: BindContext) -> Generator:
        assert not isinstance(self.skew, Reference) and not isinstance(self.max, Reference)  # noqa: S101 - checked before
        return ZipfGenerator(context.targets[0], self.skew, self.max)


@dataclass(frozen=True, slots=True)
class ZipfGenerator:
    """Ranks from 1, in one column."""

    target: Target
    skew: float
    max: int

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        from ssgproj.generators.numeric import finish

        return [finish(ranks(batch.rng().random(batch.rows), self.max, self.skew) + 1, self.target)]


def ranks(uniform: NDArray[np.float64], size: int, skew: float) -> NDArray[np.int64]:
    """Ranks from 0 of `size`, rank r with a weight of about `(r + 1) ** -skew`, from uniform numbers in [0, 1).

    Inverts the integral of the continuous density, which needs no table of weights; the first ranks come a little less often than an
    exact Zipf law has them.
    """
    import numpy as np

    if abs(skew - 1) < 1e-9:
        values = np.exp(uniform * np.log(size + 1.0))
    else:
        power = 1.0 - skew
        values = (uniform * ((size + 1.0) ** power - 1.0) + 1.0) ** (1.0 / power)
    result: NDArray[np.int64] = np.clip(values.astype(np.int64) - 1, 0, size - 1)
    return result
