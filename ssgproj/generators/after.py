"""`after`: later than another column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, one_target, option

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class After:
    """A date, a time or a number that is another column's plus a random interval: bookings after the account, deliveries after the order.

    `by` is how much later: a duration (`3 days`), a range (`[0 days, 365 days]`, both ends included), or a distribution, which is any
    generator of numbers, also one that reads a statistic: `{exponential: 30 days}`, `{normal: {mean: stat.delay.mean, std_dev: stat.delay.std_dev}}`,
    `{histogram: stat.delays, weights: n, width: 7}`. Plain numbers count in `unit`. The result is never earlier than the other column, and within
    `max` and the column's own constraints: what falls outside is drawn again. Where the other column is NULL, so is this one, if it may be;
    a share of further NULLs is the column's `null_rate`.

    The other column may be one of the row that this row refers to: `user_id.created_at`, or `users.created_at` where exactly one reference
    leads to `users`.

    ```yaml
    generate: {after: created_at, by: {exponential: 30 days}, max: now}
    ```
    """

    kind: ClassVar[str] = "after"

    column: str | Reference = option("The earlier column: of the row, or of a parent.", per_row=True)
    by: Any = option("How much later: a duration or number, a range, or a distribution.")
    max: float | date | datetime | time | str | Reference | None = option(
        "The latest: a value, `now`, or a column of the row or of a parent.", None, per_row=True
    )
    unit: Literal["microseconds", "milliseconds", "seconds", "minutes", "hours", "days", "weeks"] | None = option(
        "What plain numbers in `by` count. Default: days for a date, seconds for other times.", None
    )

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.after_draw import check_after

        yield from one_target(self, context)
        yield from (p for p in check_options(self, context) if p.option != "by")
        yield from check_after(self, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.after_draw import bind_after

        return bind_after(self, context)

    def reads(self) -> Sequence[str]:
        """The columns that have to be filled before."""
        texts = [str(self.column)]
        if isinstance(self.max, Reference):
            texts.append(str(self.max))
        elif isinstance(self.max, str) and not _is_value(self.max):
            texts.append(self.max)
        return texts


def _is_value(text: str) -> bool:
    """Whether a text is a date, a time or `now` rather than a column's name."""
    return text.strip().lower() == "now" or text.strip()[:1].isdigit()
