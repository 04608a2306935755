"""`time`: times of day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, kinds_allowed, one_target, option
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator

_KINDS = (Kind.DATE, Kind.TIMESTAMP, Kind.TIME, Kind.INTERVAL, Kind.STRING, Kind.OTHER)


@dataclass(frozen=True, slots=True)
class Time:
    """Times of day from `min` to `max`, in whole seconds, all equally likely.

    ```yaml
    generate: {time: {min: "08:00", max: "18:00"}}
    ```
    """

    kind: ClassVar[str] = "time"

    min: str | time | float | Reference | None = option("The earliest.", None, per_row=True)
    max: str | time | float | Reference | None = option("The latest.", None, per_row=True)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.moments import check_moments

        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from kinds_allowed(context, (Kind.TIME, *_KINDS[4:]), self.kind)
        yield from check_moments(self, Kind.TIME, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.moments import bind_moments

        return bind_moments(self, Kind.TIME, context)
