"""`correlated`: several columns that go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, option

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Correlated:
    """Several columns of numbers or dates that go together as they do in the source: age with income, distance with price.

    It is written under `generators:` with `columns:`. Each column is normally distributed with its mean and standard deviation (in days
    since 1970-01-01 for dates and moments), or as `margins` says; pairs of columns have the given correlation, by a Gaussian copula. Values
    stay within the column's constraints, and `min` and `max`: the distribution is cut there, not heaped up, and whole numbers are rounded.

    A statistic of one row is used as it is if its columns are named for what they are: `mean_a` and `std_dev_a` (or `variance_a`) for each
    column `a`, and for each pair `product_a_b`, the mean of `a * b` (or `covariance_a_b`, or `correlation_a_b`). Other names are given
    one by one, in `means`, `std_devs`, and `correlations`, `covariances` or `products`, where a pair is written `a b`. Where noise has made
    correlations that no columns can have, the nearest possible ones are taken.

    ```yaml
    generate: {correlated: {means: {c: 40}, std_devs: {c: 12}, min: {c: 0}}}
    ```
    """

    kind: ClassVar[str] = "correlated"

    moments: Reference | None = option("`stat.NAME`: a statistic of one row.", None, table=True)
    means: Mapping[str, Any] | None = option("The mean of each column.", None)
    std_devs: Mapping[str, Any] | None = option("The standard deviation of each column.", None)
    correlations: Mapping[str, Any] | None = option("The correlation of each pair, from -1 to 1.", None)
    covariances: Mapping[str, Any] | None = option("The covariance of each pair.", None)
    products: Mapping[str, Any] | None = option("The mean of the product of each pair.", None)
    centers: Mapping[str, Any] | None = option(
        "What the statistic took off a column first (`age - 40 AS age`), which makes products small and so less noisy.",
        None,
    )
    scales: Mapping[str, Any] | None = option(
        "What the statistic divided a column by then (`(spent - 500) / 100.0 AS spent`).", None
    )
    margins: Mapping[str, Any] | None = option(
        "Another distribution of a column: `lognormal`, whose mean and standard deviation are its own, not its logarithm's, or a `histogram`.",
        None,
    )
    min: Mapping[str, Any] | None = option("The least value of a column.", None)
    max: Mapping[str, Any] | None = option("The greatest value of a column.", None)

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.correlated_moments import check_correlated

        yield from (p for p in check_options(self, context) if p.option != "margins")
        yield from check_correlated(self, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.correlated_moments import bind_correlated

        return bind_correlated(self, context)
