"""## What it does

Checks that the statistics together spend no more than `privacy.budget`.

## Why it matters

Every release about the same people adds up. The budget is for the whole life of the project: `ssg stats` also counts what the
ledger has recorded.

## Example

```yaml
privacy:
  budget: {epsilon: 1.0, delta: 1.0e-5}     # and files that say epsilon: 0.8 and epsilon: 0.5
```

## Use instead

```yaml
privacy:
  budget: {epsilon: 1.5, delta: 1.0e-5}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import ProjectContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.privacy.budget import budget


def check(context: ProjectContext) -> Iterator[Found]:
    spent = budget(context.project.stats, context.project.settings.privacy)
    largest = ", ".join(f"{name} {epsilon:g}" for name, epsilon, _ in spent.spends[:3])
    if spent.over_epsilon:
        message = f"The statistics spend epsilon {spent.epsilon:g}, and the budget is {spent.epsilon_limit:g}"
        yield Found(
            context.place("privacy.budget.epsilon"),
            message,
            f"lower the largest ({largest}), or the steward raises `epsilon` here",
        )
    if spent.over_delta:
        message = f"The statistics spend delta {spent.delta:g}, and the budget is {spent.delta_limit:g}"
        yield Found(
            context.place("privacy.budget.delta"), message, "lower `delta` in the files, or the steward raises it here"
        )


RULE = Rule("DP206", "over-budget", project=check)
