"""`choice`: some of these values, each as often as its weight says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, option

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Choice:
    """Values from a list, from a mapping of values to weights, or from a statistic with a GROUP BY.

    A statistic is used as it is: `weights` names its column of counts, `columns` the columns of values. Noise can make a count
    negative; it then counts as 0. With several columns of values, whole rows are chosen: they fill the target columns of the same
    names (or in their order), which keeps what belongs together together. `given` names columns of the statistic that are also columns
    of the table, filled before: the choice is then made among the rows that agree with them.

    ```yaml
    generate: {choice: [free, basic, pro], weights: [0.7, 0.2, 0.1]}
    ```
    """

    kind: ClassVar[str] = "choice"

    values: tuple[Any, ...] | Mapping[str, Any] | Reference = option(
        "The values: a list, a mapping of values to weights, `stat.NAME` or `stat.NAME.COLUMN`.", table=True
    )
    weights: tuple[Any, ...] | str | Reference | None = option(
        "How often each value comes, in any unit: a list, or the name of the statistic's column.", None
    )
    columns: tuple[Any, ...] = option("The statistic's columns of values, where it has others too.", ())
    given: tuple[Any, ...] | str = option("Columns filled before, on which the choice depends.", ())

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.choice_table import check_choice

        yield from check_options(self, context)
        yield from check_choice(self, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.choice_table import bind_choice

        return bind_choice(self, context)

    def reads(self) -> Sequence[str]:
        """The columns that have to be filled before."""
        return [self.given] if isinstance(self.given, str) else [str(g) for g in self.given]
