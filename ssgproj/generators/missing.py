"""`missing`: which of several columns are NULL together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, option


@dataclass(frozen=True, slots=True)
class Missing:
    """Patterns of NULLs over several columns, each as often as its weight says: who gives no age gives no gender either.

    It is written under `generators:` with `columns:` and fills nothing: the columns have their own generators, or defaults, and lose
    the values that a pattern says are missing. A pattern has a character for each column, `1` where the value is missing and `0` where it
    is there: over age, gender and city `"110"` leaves only the city. A statistic with a GROUP BY is used as it is: `weights` names its
    column of counts, and the patterns are in its other column, or in a column of true and false (or 1 and 0) for each of the columns, of
    the same names or in the order of `flags`. Counts below 0 count as 0. The `null_rate` of these columns is not used.

    ```yaml
    generate: {missing: {"0": 70, "1": 30}}
    ```
    """

    kind: ClassVar[str] = "missing"
    masks: ClassVar[bool] = True

    patterns: tuple[Any, ...] | Mapping[Any, Any] | Reference = option(
        "A mapping of patterns to weights, a list of patterns, or `stat.NAME`.", table=True
    )
    weights: tuple[Any, ...] | str | None = option(
        "How often each pattern comes, in any unit: a list, or the name of the statistic's column.", None
    )
    pattern: str | None = option("The statistic's column of patterns, where it has others too.", None)
    flags: tuple[Any, ...] = option("The statistic's columns that are true where a value is missing, in order.", ())

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.missing_patterns import check_missing

        yield from check_options(self, context)
        yield from check_missing(self, context)

    def bind(self, context: BindContext) -> Any:
        """A `Mask`, which fills no column."""
        from ssgproj.generators.missing_patterns import bind_missing

        return bind_missing(self, context)
