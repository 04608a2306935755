"""`given`: a distribution that depends on other columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem
from ssgproj.generators.options import option

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Given:
    """Another generator, with a distribution of its own for each value of other columns: devices by country, ages by gender.

    The generator is written beside it with its options. A statistic with a GROUP BY over the columns named here is split by them, and each
    part used as if it were the whole: `{given: country, choice: stat.devices_by_country, weights: n}`,
    `{given: gender, normal: {mean: stat.ages.mean, std_dev: stat.ages.std_dev}}`. Without a statistic, the distributions are a table
    by value: `{given: plan, normal: {free: {mean: 3, std_dev: 1}, pro: {mean: 40, std_dev: 9}}}`, or with a generator for each, `cases`.

    The columns may be those of a row that this row refers to: `user_id.country`, or `users.country`. Where a row has none of the values,
    `otherwise` fills it; without that, it is treated as if it had one of them, by weight. So are rows of a group whose numbers noise has
    made unusable, such as a standard deviation below 0.

    ```yaml
    generate: {given: country, cases: {FR: {constant: 33}, UK: {integer: {min: 1, max: 9}}}, otherwise: 0}
    ```
    """

    kind: ClassVar[str] = "given"
    open_options: ClassVar[bool] = True

    on: str | tuple[Any, ...] = option("The columns, of the row or of a parent: one, or a list.")
    keys: str | tuple[Any, ...] = option("The statistic's columns with their values, where they have other names.", ())
    cases: Mapping[Any, Any] | None = option("For each value a generator, or a fixed value.", None)
    otherwise: Any = option("A generator, or a fixed value, for rows with none of the values.", None)
    arguments: Mapping[str, Any] | None = option("The generator, where one of its options has a name of these.", None)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.given_table import check_given

        yield from check_given(self, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.given_table import bind_given

        return bind_given(self, context)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the distribution depends on, as they are written."""
        return (self.on,) if isinstance(self.on, str) else tuple(map(str, self.on))

    def reads(self) -> Sequence[str]:
        """The columns that have to be filled before."""
        from ssgproj.generators.given_table import read_within

        return [*self.columns, *read_within(self)]
