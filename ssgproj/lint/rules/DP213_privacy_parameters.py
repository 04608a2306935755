"""## What it does

Checks that epsilon and delta are small enough to mean something.

## Why it matters

SmartNoise takes any number without a word. An epsilon of 1 already lets somebody who sees the answer raise a fifty-fifty guess
about a person to 73 %; at 10 nearly nothing is left. Delta is the chance that the promise fails altogether: it belongs far below
one over the number of people.

## Example

```yaml
epsilon: 20
delta: 0.1
```

## Use instead

```yaml
epsilon: 0.5
delta: 1.0e-6
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule

LARGEST_EPSILON = 10
LARGEST_DELTA = 0.01


def check(stat: StatContext) -> Iterator[Found]:
    epsilon, delta = stat.stat.epsilon, stat.stat.delta
    if epsilon is not None and epsilon > LARGEST_EPSILON:
        yield stat.in_header(
            "epsilon", f"An epsilon of {epsilon:g} protects nobody", "write 1 or less, such as epsilon: 0.5"
        )
    elif epsilon is not None and epsilon > 1:
        message = f"An epsilon of {epsilon:g} for one file is high"
        yield stat.in_header(
            "epsilon", message, "the steward decides; most releases stay at 1 or less", severity=Severity.WARNING
        )
    if delta is not None and delta >= LARGEST_DELTA:
        yield stat.in_header(
            "delta",
            f"A delta of {delta:g} may give people away outright",
            "write far less than one over the number of people: 1.0e-6",
        )


RULE = Rule("DP213", "privacy-parameters", stat=check)
