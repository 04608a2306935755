"""`pattern`: texts that match a regular expression, or a mask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ssgproj.errors import SsgError
from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, kinds_allowed, one_target, option
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.generators.base import Batch, Generator
    from ssgproj.generators.domain import Domain
    from ssgproj.generators.domains.regex import RegexDomain
    from ssgproj.project.types import SqlType


@dataclass(frozen=True, slots=True)
class Pattern:
    """Texts that match a regular expression as a whole: literals, classes, groups, alternatives, repeats.

    Or, with `mask`, texts of one shape, in which `@` is a capital letter, `#` a digit, and any other character itself.
    Lengths are equally likely. In a unique column every text comes once, as long as there are enough.

    ```yaml
    generate: {pattern: "[A-Z]{2}-[0-9]{4}"}
    ```
    """

    kind: ClassVar[str] = "pattern"

    regex: str | Reference | None = option("The regular expression, in Python's syntax.", None)
    mask: str | Reference | None = option("A shape instead of a regular expression, such as `@@-####`.", None)
    max_repeat: int | Reference = option("How many characters longer than the shortest a text may be (`*` and `+`).", 8)

    def check(self, context: BindContext) -> Iterator[Problem]:
        yield from one_target(self, context)
        yield from check_options(self, context)
        yield from kinds_allowed(
            context, (Kind.STRING, Kind.OTHER, Kind.BIT, Kind.JSON, Kind.INET, Kind.XML, Kind.LTREE), self.kind
        )
        if (self.regex is None) == (self.mask is None):
            yield Problem(
                "`pattern` needs a regular expression or a mask",
                "regex",
                'for example: generate: {pattern: "[A-Z]{2}[0-9]{4}"}',
            )
        elif isinstance(self.regex, str):
            try:
                domain = pattern_domain(self, context.targets[0].type)
            except SsgError as error:
                yield Problem(error.message, "regex", error.hint)
                return
            if domain is None:
                message = f"No text that matches fits column `{context.targets[0].name}` of type `{context.targets[0].type.text}`"
                yield Problem(message, "regex", "write a shorter pattern")
        elif (
            isinstance(self.mask, str)
            and (limit := context.targets[0].type.length) is not None
            and len(self.mask) > limit
        ):
            message = f"The mask is longer than the {limit} characters of column `{context.targets[0].name}`"
            yield Problem(message, "mask", "write a shorter mask")

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.domain import DomainDraw
        from ssgproj.generators.domains.regex import RegexDomain

        domain = pattern_domain(self, context.targets[0].type)
        if domain is None:
            raise SsgError(f"No text that matches fits column `{context.targets[0].name}`", "write a shorter pattern")
        return (
            PatternGenerator(domain)
            if isinstance(domain, RegexDomain) and len(domain.lengths) > 1
            else DomainDraw(domain)
        )


def pattern_domain(spec: Pattern, t: SqlType) -> Domain | None:
    """The texts that match and are short enough; None if there are none. Raises UnsupportedPattern."""
    from ssgproj.generators.domains.masks import MaskDomain
    from ssgproj.generators.domains.regex import regex_domain

    assert not isinstance(spec.max_repeat, Reference)  # noqa: S101 - references were put in before
    if isinstance(spec.mask, str):
        return MaskDomain(spec.mask)
    return regex_domain(str(spec.regex), max(spec.max_repeat, 0), max_length=t.length)


@dataclass(frozen=True, slots=True)
class PatternGenerator:
    """Draws a length, then one of the texts of that length."""

    domain: RegexDomain

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import numpy as np

        from ssgproj.generators.domains.texts import gather

        lengths = self.domain.lengths
        which = batch.rng("length").integers(0, len(lengths), batch.rows)
        uniform = batch.rng().integers(0, 2**62, batch.rows, dtype=np.int64)
        return [
            gather(
                which,
                len(lengths),
                lambda n, rows: self.domain.spell(uniform[rows] % self.domain.of_length(lengths[n]), lengths[n]),
            )
        ]
