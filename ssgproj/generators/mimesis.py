"""`mimesis`: names, addresses, texts and so on, in many languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Whole, check_options, one_target, option

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Mimesis:
    """What the library Mimesis makes: `person.full_name`, `address.city`, `finance.company`, `text.sentence` …

    Options that are not named here are arguments of the method (`{mimesis: person.identifier, mask: "@@##"}`). The language is the
    project's `generation.locale`. Made row by row, which is slow for millions of rows: `pool` draws so many values once, and then
    chooses among them.

    ```yaml
    generate: {mimesis: person.full_name, pool: 5000}
    ```
    """

    kind: ClassVar[str] = "mimesis"
    open_options: ClassVar[bool] = True

    method: str = option("`provider.method`.")
    pool: Whole | None = option("How many values to draw once and choose from.", None)
    locale: str | Reference | None = option("Another language than the project's, such as `de` or `en-gb`.", None)
    arguments: Mapping[str, Any] | None = option(
        "Arguments of the method, where their names are those of other options.", None
    )

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.mimesis_provider import check_method

        yield from one_target(self, context)
        yield from check_options(self, context)
        if isinstance(self.pool, int) and self.pool < 1:
            yield Problem("`pool` is less than 1", "pool", "write a whole number such as 1000")
        yield from check_method(self.method, self.arguments or {}, str(self.locale or context.locale), context.now)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.mimesis_provider import bind_method

        assert not isinstance(self.pool, Reference)  # noqa: S101 - references were put in before
        return bind_method(self.method, self.arguments or {}, str(self.locale or context.locale), self.pool, context)
