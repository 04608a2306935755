"""## What it does

Checks that the noise of every statistic has a scale that SmartNoise can work with.

## Why it matters

SmartNoise refuses a scale above 10,000,000: the largest absolute bound times `max_ids` divided by each statistic's part of
epsilon. For VAR and STDDEV the bound counts squared, so amounts of money nearly always pass the limit. It refuses bounds of 0 and
0, and a factor that is 0 or negative, as well.

## Example

```sql
SELECT STDDEV(income) AS sd FROM query_result    -- income: {type: float, lower: 0, upper: 200000}
```

## Use instead

```sql
WITH query_result AS (SELECT id, income / 1000 AS income_k FROM users)
SELECT STDDEV(income_k) AS sd_k FROM query_result    -- income_k: {type: float, lower: 0, upper: 200}
```
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.privacy.cost import share, stat_cost
from ssgproj.privacy.sensitivity import LARGEST_SCALE, expression_sensitivity, statistic_sensitivity
from ssgproj.project.smartnoise import tree


def check(stat: StatContext) -> Iterator[Found]:
    for cause in stat.causes("zero-bounds"):
        yield stat.in_dp(
            cause,
            f"SmartNoise cannot scale noise for `{cause.about}`, whose bounds are both 0",
            "write the bounds of what is possible",
        )
    for cause in stat.causes("division-by-zero"):
        yield stat.in_dp(cause, "Division by zero", "divide by another number")
    given = share(stat.stat)
    if given is None or stat.stat.query is None:
        return
    unit = (stat.stat.max_ids or 1) / given.epsilon
    yield from _statistics(stat, unit)
    keys = {k.key() for k in stat.stat.query.group}
    values = [*stat.stat.query.group, *(o.value for o in stat.stat.query.outputs if o.value.key() not in keys)]
    for value in values:
        sensitivity = expression_sensitivity(value, stat.stat)
        if sensitivity is None or not isinstance(value, tree.Arithmetic | tree.Brackets) or _bare(value):
            continue
        hint = "make a column of it in query_result" if value.key() in keys else "calculate where the statistic is used"
        if sensitivity <= 0:
            yield stat.in_dp(value, "SmartNoise cannot scale noise for a factor of 0 or less", hint)
        elif math.isinf(sensitivity):
            yield stat.in_dp(
                value,
                "SmartNoise scales noise for this key too, and a column in it has no bounds",
                f"give it bounds, or {hint}",
            )
        elif sensitivity * unit > LARGEST_SCALE:
            yield stat.in_dp(value, "SmartNoise cannot scale noise for numbers this large", hint)


def _bare(value: tree.Node) -> bool:
    while isinstance(value, tree.Brackets):
        value = value.inner
    return isinstance(value, tree.Column | tree.Aggregate)


def _statistics(stat: StatContext, unit: float) -> Iterator[Found]:
    cost = stat_cost(stat.stat)
    for aggregate in stat.aggregates():
        column = aggregate.argument.name if isinstance(aggregate.argument, tree.Column) else None
        for statistic in cost.statistics:
            if statistic.column != column or (statistic.function == "sum of squares") != (aggregate.name in _SQUARED):
                continue
            sensitivity = statistic_sensitivity(statistic, stat.stat)
            if sensitivity is not None and sensitivity * unit > LARGEST_SCALE:
                yield stat.in_dp(
                    aggregate,
                    _message(aggregate, sensitivity, unit),
                    _hint(column, sensitivity, unit, aggregate.name in _SQUARED),
                )
                break


_SQUARED = {"VAR", "VARIANCE", "STD", "STDDEV"}


def _message(aggregate: tree.Aggregate, sensitivity: float, unit: float) -> str:
    what = "squared bound" if aggregate.name in _SQUARED else "bound"
    return f"The noise of `{aggregate.name}` would have the scale {sensitivity * unit:.3g} ({what} {sensitivity:.3g}), and SmartNoise stops at 1e+07"


def _hint(column: str | None, sensitivity: float, unit: float, squared: bool) -> str:
    if column is None:
        return "give the file more epsilon, or lower `max_ids`"
    too_large = sensitivity * unit / LARGEST_SCALE
    if not math.isfinite(too_large):
        return f"write `lower` and `upper` of `{column}` that are possible"
    factor = 10 ** math.ceil(math.log10(math.sqrt(too_large) if squared else too_large))
    return f"write {column} / {factor:g} AS {column}_scaled in query_result, and bounds to match"


RULE = Rule("SN124", "noise-scale", stat=check)
