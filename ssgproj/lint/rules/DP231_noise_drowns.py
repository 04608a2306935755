"""## What it does

Warns where the noise is so large that little of the answer is left.

## Why it matters

A group is released only if its number of people, with noise, passes a threshold that grows with `max_ids` and shrinks with
epsilon. A count with noise in the ten thousands says nothing about thousands of people.

## Example

```yaml
epsilon: 0.001
max_ids: 20
```

## Use instead

```yaml
epsilon: 0.5
max_ids: 5
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.privacy.cost import censors, share, threshold
from ssgproj.privacy.noise import expected_noise
from ssgproj.project.smartnoise import tree

MANY_PEOPLE = 1000
LARGE_NOISE = 10_000


def check(stat: StatContext) -> Iterator[Found]:
    given, query = share(stat.stat), stat.stat.query
    if given is None or query is None or stat.stat.max_ids is None:
        return
    hint = "give the file more epsilon, release fewer numbers, or lower `max_ids`"
    if censors(query) and (people := threshold(stat.stat.max_ids, given)) > MANY_PEOPLE:
        yield stat.in_header("epsilon", f"Groups of fewer than about {people:,.0f} people are dropped", hint)
    for noise in expected_noise(stat.stat):
        output = next(o for o in query.outputs if o.name == noise.output)
        if isinstance(output.value, tree.Aggregate) and output.value.name == "COUNT" and noise.within_95 > LARGE_NOISE:
            yield stat.in_dp(output, f"`{noise.output}` is off by up to {noise.within_95:,.0f}", hint)


RULE = Rule("DP231", "noise-drowns", stat=check, severity=Severity.WARNING)
