"""`sequence`: numbers in the order of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Values
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ssgproj.errors import SsgError
from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Whole, check_options, kinds_allowed, one_target, option
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch, Generator, Target


@dataclass(frozen=True, slots=True)
class Sequence:
    """1, 2, 3, … in the order of the rows, going on over passes: always unique.

    In a text column `prefix`, `suffix` and `width` make `INV-000001` of it; in a date column it counts days from `1970-01-01`.

    ```yaml
    generate: {sequence: {start: 1000, step: 10}}
    ```
    """

    kind: ClassVar[str] = "sequence"

    start: Whole = option("The first number.", 1)
    step: Whole = option("The distance from one row to the next, not 0.", 1)
    prefix: str | Reference = option("Text before the number.", "")
    suffix: str | Reference = option("Text after the number.", "")
    width: Whole = option("Digits to fill up to with zeros.", 0)

    def check(self, context: BindContext) -> Iterator[Problem]:
        yield from one_target(self, context)
        yield from check_options(self, context)
        kinds = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY, Kind.YEAR, Kind.STRING, Kind.DATE, Kind.OTHER)
        yield from kinds_allowed(context, kinds, self.kind)
        if self.step == 0:
            yield Problem("`step` is 0", "step", "write another whole number")
        for target in context.targets:
            if (self.prefix or self.suffix or self.width) and target.type.kind not in (Kind.STRING, Kind.OTHER):
                yield Problem(
                    f"Column `{target.name}` is no text column", "prefix", "remove `prefix`, `suffix` and `width`"
                )

    def bind(self, context: BindContext) -> Generator:
        assert isinstance(self.start, int) and isinstance(self.step, int) and isinstance(self.width, int)  # noqa: S101
        return SequenceGenerator(
            context.targets[0], self.start, self.step, str(self.prefix), str(self.suffix), self.width
        )


@dataclass(frozen=True, slots=True)
class SequenceGenerator:
    """Numbers computed from row numbers. Raises SsgError where they pass the end of the column's type."""

    target: Target
    start: int
    step: int
    prefix: str = ""
    suffix: str = ""
    width: int = 0

    def generate(self, batch: Batch) -> Values[pa.Array]:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        from ssgproj.generators.arrow import arrow_type, cast_to, join_texts

        t = self.target.type
        numbers = np.asarray(batch.row_numbers, dtype=np.int64) * self.step + self.start
        if t.kind in (Kind.STRING, Kind.OTHER):
            texts = pa.array(numbers).cast(pa.string())
            if self.width:
                texts = pc.utf8_lpad(texts, self.width, "0")
            texts = join_texts([self.prefix, texts, self.suffix])
            if t.length is not None and len(texts) and pc.max(pc.utf8_length(texts)).as_py() > t.length:
                raise self._too_long()
            return [texts]
        if t.kind is Kind.DATE:
            return [pa.array(numbers.astype(np.int32)).cast(arrow_type(t))]
        if t.kind in (Kind.INTEGER, Kind.YEAR, Kind.DECIMAL, Kind.MONEY) and len(numbers):
            self._check_range(numbers)
        return [cast_to(numbers, t)]

    def _check_range(self, numbers: NDArray[np.int64]) -> None:
        from ssgproj.generators.arrow import decimal_shape, integer_bounds

        t = self.target.type
        if t.kind in (Kind.DECIMAL, Kind.MONEY):
            precision, scale = decimal_shape(t)
            high = 10 ** max(precision - scale, 0) - 1
            low = -high
        else:
            low, high = integer_bounds(t)
        if int(numbers.min()) < low or int(numbers.max()) > high:
            raise self._too_long()

    def _too_long(self) -> SsgError:
        return SsgError(
            f"The sequence passes the end of column `{self.target.name}` of type `{self.target.type.text}`",
            "make fewer rows, or give the column a wider type",
        )
