"""`datetime`: moments."""

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
class Datetime:
    """Moments from `min` to `max`, in whole seconds, all equally likely; without bounds, the ten years before the project's `now`.

    Times are UTC. Another column may be a bound: `{min: column.created_at, within: 2 hours}` is a moment soon after.

    ```yaml
    generate: {datetime: {min: 2024-01-01, max: now}}
    ```
    """

    kind: ClassVar[str] = "datetime"

    min: Moment | None = option("The earliest.", None, per_row=True)
    max: Moment | None = option("The latest.", None, per_row=True)
    within: str | float | timedelta | Reference | None = option("Instead of `max`: how long after `min` at most.", None)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.moments import check_moments

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from kinds_allowed(context, _KINDS[:2] + _KINDS[4:], self.kind)
        yield from check_moments(self, Kind.TIMESTAMP, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.moments import bind_moments

        return bind_moments(self, Kind.TIMESTAMP, context)
