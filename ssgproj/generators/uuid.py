"""`uuid`: random identifiers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ssgproj.generators.base import BindContext, Problem
from ssgproj.generators.options import kinds_allowed, one_target
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Uuid:
    """UUIDs of version 4. In a text column of 32 to 35 characters without dashes, in a binary column as 16 bytes.

    ```yaml
    generate: uuid
    ```
    """

    kind: ClassVar[str] = "uuid"

    def check(self, context: BindContext) -> Iterator[Problem]:
        yield from one_target(self, context)
        yield from kinds_allowed(context, (Kind.UUID, Kind.STRING, Kind.BINARY, Kind.OTHER), self.kind)
        for target in context.targets:
            room = {Kind.STRING: 32, Kind.BINARY: 16}.get(target.type.kind, 0)
            if target.type.length is not None and target.type.length < room:
                message = f"Column `{target.name}` of type `{target.type.text}` is too short for a UUID"
                yield Problem(message, None, "choose another generator, such as `pattern`")

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.domain import DomainDraw
        from ssgproj.generators.domains.identifiers import UuidDomain

        t = context.targets[0].type
        if t.kind is Kind.BINARY:
            return DomainDraw(UuidDomain("bytes"))
        return DomainDraw(
            UuidDomain("plain" if t.kind is Kind.STRING and t.length is not None and t.length < 36 else "text")
        )
