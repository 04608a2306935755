"""`duration`: lengths of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, kinds_allowed, one_target, option
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator

_KINDS = (Kind.DATE, Kind.TIMESTAMP, Kind.TIME, Kind.INTERVAL, Kind.STRING, Kind.OTHER)


@dataclass(frozen=True, slots=True)
class Duration:
    """Lengths of time from `min` to `max`, in whole seconds, all equally likely. In a number column they are seconds.

    Write them as `90 minutes`, `3 days`, `1 day 02:00:00`, or as a number of seconds.

    ```yaml
    generate: {duration: {min: 5 minutes, max: 2 hours}}
    ```
    """

    kind: ClassVar[str] = "duration"

    min: str | float | timedelta | Reference | None = option("The shortest.", None)
    max: str | float | timedelta | Reference | None = option("The longest.", None)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.moments import check_moments

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from kinds_allowed(context, (*_KINDS[3:], Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT), self.kind)
        yield from check_moments(self, Kind.INTERVAL, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.moments import bind_moments

        return bind_moments(self, Kind.INTERVAL, context)
