"""`text`: readable words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Whole, bounds, check_options, kinds_allowed, one_target, option
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words of English, which mean nothing: for descriptions and notes. Without options as the column's default.

    For sentences, names and the like in a language see `mimesis`.

    ```yaml
    generate: {text: {words: 4}}
    ```
    """

    kind: ClassVar[str] = "text"

    words: Whole | None = option("How many words.", None)
    min_length: Whole | None = option("The least number of characters.", None)
    max_length: Whole | None = option("The greatest number of characters.", None)

    def check(self, context: BindContext) -> Iterator[Problem]:
        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from kinds_allowed(context, (Kind.STRING, Kind.OTHER), self.kind)
        yield from bounds(self.min_length, self.max_length, ("min_length", "max_length"))
        for name in ("words", "min_length", "max_length"):
            value = getattr(self, name)
            if isinstance(value, int) and value < (1 if name != "min_length" else 0):
                yield Problem(f"`{name}` is less than 1", name, "write a whole number of 1 or more")

    def bind(self, context: BindContext) -> Generator:
        from dataclasses import replace

        from ssgproj.generators.default_texts import phrase
        from ssgproj.generators.defaults import default_domain
        from ssgproj.generators.domain import DomainDraw
        from ssgproj.generators.words_draw import TruncatedDraw

        assert not isinstance(self.words, Reference)  # noqa: S101 - references were put in before
        target = context.targets[0]
        restriction = target.restriction
        shortest = max((n for n in (restriction.min_length, self.min_length) if isinstance(n, int)), default=None)
        longest = min((n for n in (restriction.max_length, self.max_length) if isinstance(n, int)), default=None)
        if self.words is not None:
            return TruncatedDraw(phrase(self.words), replace(target.type, length=_least(target.type.length, longest)))
        narrowed = replace(target, restriction=replace(restriction, min_length=shortest, max_length=longest))
        return DomainDraw(default_domain(narrowed, rows=context.rows, unique=False, context=context))


def _least(*lengths: int | None) -> int | None:
    return min((n for n in lengths if n is not None), default=None)
