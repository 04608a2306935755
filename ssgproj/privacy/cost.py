"""How many noisy statistics SmartNoise draws for a query, and what it charges for them, from the query alone.

SmartNoise charges its `epsilon` once for every distinct COUNT or SUM that it adds noise to: AVG is a SUM and a COUNT, VAR and STDDEV are
a SUM of squares, a SUM and a COUNT. Where it censors rare groups it counts people too. In our files `epsilon` is the total of the file;
`share` is what SmartNoise gets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssgproj.project.smartnoise import tree

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat


@dataclass(frozen=True, slots=True)
class NoisyStatistic:
    """One sum or count with noise. `function` is `count`, `sum` or `sum of squares`; `column` None is `COUNT(*)`."""

    function: str
    column: str | None
    quantifier: str = ""

    @property
    def smartnoise_name(self) -> str:
        """What SmartNoise calls it inside; two with one name are charged once (and the second overwrites the first)."""
        parts = (self.function.replace(" ", "_"), self.quantifier.lower(), self.column or "star")
        return "_".join(p for p in parts if p)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a query spends: `statistics` noisy numbers, of which people are counted for censoring if `counts_people`."""

    statistics: tuple[NoisyStatistic, ...]
    counts_people: bool

    @property
    def number(self) -> int:
        return len(self.statistics)


def censors(query: tree.Query) -> bool:
    """Whether rare groups are dropped: where there is a GROUP BY. Without one it would only waste budget and drop the answer."""
    return bool(query.group)


def query_cost(query: tree.Query, private_id: str | None, *, censor: bool | None = None) -> Cost:
    """The noisy statistics of a query. `censor` overrides what ssg would choose (`censor_dims`)."""
    found: dict[str, NoisyStatistic] = {}

    def add(statistic: NoisyStatistic) -> None:
        found.setdefault(statistic.smartnoise_name, statistic)

    if censors(query) if censor is None else censor:
        add(NoisyStatistic("count", private_id, "DISTINCT"))
    grouped = {k.key() for k in query.group}
    for output in query.outputs:
        if output.value.key() not in grouped:
            for aggregate in _rewritten(output.value):
                for statistic in _parts(aggregate):
                    add(statistic)
    statistics = tuple(found.values())
    return Cost(statistics, NoisyStatistic("count", private_id, "DISTINCT") in statistics)


def _rewritten(node: tree.Node) -> list[tree.Aggregate]:
    """The aggregates that SmartNoise turns into noisy sums. It overlooks those inside lists: CASE, COALESCE, CONCAT, CHOOSE."""
    if isinstance(node, tree.Aggregate):
        return [node]
    if isinstance(node, tree.Case) or (
        isinstance(node, tree.Function) and node.name in ("COALESCE", "CONCAT", "CHOOSE")
    ):
        return []
    return [a for child in node.children() for a in _rewritten(child)]


def _parts(aggregate: tree.Aggregate) -> list[NoisyStatistic]:
    argument = aggregate.argument
    while isinstance(argument, tree.Brackets):
        argument = argument.inner
    column = argument.name if isinstance(argument, tree.Column) else None
    quantifier = aggregate.quantifier
    count = NoisyStatistic("count", column, quantifier)
    total = NoisyStatistic("sum", column, quantifier)
    squares = NoisyStatistic("sum of squares", column, quantifier)
    return {"COUNT": [count], "SUM": [total], "AVG": [total, count]}.get(aggregate.name, [squares, count, total])


@dataclass(frozen=True, slots=True)
class Share:
    """What SmartNoise is given: `Privacy(epsilon, delta)`. Both None where the file does not say."""

    epsilon: float
    delta: float


def share(stat: Stat) -> Share | None:
    """The part of the file's total that each noisy statistic gets; None where the file does not say enough.

    Delta: SmartNoise reports half as much again as it is given where it counts people, for the tolerance of its composition, so it is
    given two thirds of the file's.
    """
    if stat.query is None or stat.epsilon is None or stat.delta is None:
        return None
    cost = stat_cost(stat)
    if cost.number == 0:
        return None
    return Share(stat.epsilon / cost.number, stat.delta / 1.5 if cost.counts_people else stat.delta)


def stat_cost(stat: Stat) -> Cost:
    """The cost of a statistic; nothing for one without differential privacy."""
    if stat.query is None:
        return Cost((), counts_people=False)
    private_id = stat.private_id
    return query_cost(stat.query, private_id.name if private_id else None)


def smartnoise_cost(cost: Cost, given: Share) -> tuple[float, float]:
    """What SmartNoise's `get_privacy_cost` reports: the least of plain and two advanced compositions, and delta with its tolerance."""
    if cost.number == 0:
        return 0.0, 0.0
    tolerance = given.delta / 2
    epsilon, number = given.epsilon, cost.number
    plain = number * epsilon
    left = number * epsilon * math.tanh(epsilon / 2)
    spread = 2 * number * epsilon * epsilon
    advanced_a = left + math.sqrt(spread * math.log(math.e + math.sqrt(number) * epsilon / tolerance))
    advanced_b = left + math.sqrt(spread * math.log(1 / tolerance))
    people = given.delta if cost.counts_people else 0.0
    return min(plain, advanced_a, advanced_b), 1 - (1 - tolerance) * (1 - people)


def threshold(max_ids: int, given: Share) -> float:
    """How many people a group needs, with noise, to be released: SmartNoise's tau."""
    return max_ids * (1 - math.log(2 * given.delta / max_ids) / given.epsilon)
