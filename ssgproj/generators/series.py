"""`series`: values that go on from row to row of one parent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Number, check_options, one_target, option

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Series:
    """A time series for each parent, in tables whose rows are counted by `per_parent`: moments of events, readings, balances.

    `events` are dates, moments or numbers that rise from `start`, each `gap` after the one before: `{exponential: 2 days}` for chance,
    `1 hour` for a regular beat, or any other distribution as in `after`. The first is `start` itself with `first: true`, else a gap after it.
    `walk` begins at `start` and takes a normal step of `mean` and `std_dev` each time. `ar` varies around `mean` with `std_dev`, and what is
    above it now tends to be so next time: by `memory`, from 0 (not at all) to 1. `seasonal` swings around `mean` by `amplitude` every
    `period` rows, with a `trend` per row and noise of `std_dev`.

    `start`, `mean` and `max` may be columns, of the row or of the parent: `users.created_at`. `min` and `max` are not passed: a walk is
    reflected there, events crowd before the last moment, other values are cut.

    ```yaml
    generate: {series: ar, mean: 20, std_dev: 4, memory: 0.9}
    ```
    """

    kind: ClassVar[str] = "series"

    form: Literal["events", "walk", "ar", "seasonal"] = option("The kind of series.")
    start: float | date | datetime | time | timedelta | str | Reference | None = option(
        "Where it begins: a value or a column.", None, per_row=True
    )
    gap: Any = option("Between events: a duration or number, a range, or a distribution.", None)
    first: bool = option("The first event is at `start`.", False)
    mean: float | str | Reference | None = option(
        "The mean: of the steps of a walk, or of the values. A value or a column.", None, per_row=True
    )
    std_dev: Number = option("The standard deviation of steps, of values (`ar`), or of the noise (`seasonal`).", 1.0)
    memory: Number = option("How much of a deviation is left in the next row.", 0.8)
    amplitude: Number = option("Half of the way between high and low season.", 1.0)
    period: Number = option("Rows from one high season to the next.", 12.0)
    phase: Number | None = option(
        "Where in the season the first row is, from 0 to 1. Default: another place for each parent.", None
    )
    trend: Number = option("What is added with each row.", 0.0)
    min: float | str | Reference | None = option("The least: a value or a column.", None, per_row=True)
    max: float | date | datetime | time | str | Reference | None = option(
        "The greatest or latest: a value, `now`, or a column.", None, per_row=True
    )
    unit: Literal["microseconds", "milliseconds", "seconds", "minutes", "hours", "days", "weeks"] | None = option(
        "What plain numbers in `gap` count. Default: days for a date, seconds for other times.", None
    )

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.series_draw import check_series

        yield from one_target(self, context)
        yield from (p for p in check_options(self, context) if p.option != "gap")
        yield from check_series(self, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.series_draw import bind_series

        return bind_series(self, context)

    def reads(self) -> Sequence[str]:
        """The columns that have to be filled before."""
        return [str(v) for v in (self.start, self.mean, self.min, self.max) if names_column(v)]


def names_column(value: Any) -> bool:
    """Whether an option's value is a column rather than a date, a number or `now`."""
    if isinstance(value, Reference):
        return value.kind == "column"
    text = value.strip().lower() if isinstance(value, str) else ""
    return bool(text) and text != "now" and not text[:1].isdigit() and not text.startswith(("-", "+"))
