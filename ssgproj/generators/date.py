"""`date`: days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Moment, check_options, kinds_allowed, one_target, option
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator

_KINDS = (Kind.DATE, Kind.TIMESTAMP, Kind.TIME, Kind.INTERVAL, Kind.STRING, Kind.OTHER)


@dataclass(frozen=True, slots=True)
class Date:
    """Days from `min` to `max`, both included, all equally likely; without bounds, the ten years before the project's `now`.

    Another column may be a bound: `{min: column.ordered_on, within: 30 days}` is a day soon after.

    ```yaml
    generate: {date: {min: 2020-01-01, max: 2024-12-31}}
    ```
    """

    kind: ClassVar[str] = "date"

    min: Moment | None = option("The earliest.", None, per_row=True)
    max: Moment | None = option("The latest.", None, per_row=True)
    within: str | float | timedelta | Reference | None = option("Instead of `max`: how long after `min` at most.", None)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.moments import check_moments

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from kinds_allowed(context, _KINDS[:2] + _KINDS[4:], self.kind)
        yield from check_moments(self, Kind.DATE, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.moments import bind_moments

        return bind_moments(self, Kind.DATE, context)
