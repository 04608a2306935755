"""## What it does

Checks that the project says whose privacy is protected, once it has statistics.

## Why it matters

Without `privacy.unit` nothing can tell whether a private id names people, whether rows of several people are mixed, or how many
people stand behind a row.

## Example

```yaml
privacy:
  budget: {epsilon: 1.0, delta: 1.0e-5}
```

## Use instead

```yaml
privacy:
  unit: users.id
  budget: {epsilon: 1.0, delta: 1.0e-5}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import ProjectContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.project.suggest import suggestion


def check(context: ProjectContext) -> Iterator[Found]:
    settings = context.project.settings.privacy
    if not context.project.stats:
        return
    if settings.unit is None:
        yield Found(
            context.place("privacy"),
            "The project does not say whose privacy is protected",
            "write privacy: {unit: users.id}",
            # Without models nothing could be traced to a unit anyway: more is missing than this line.
            severity=None if context.project.models else Severity.WARNING,
        )
    elif context.tables.unit is None and context.project.models:
        columns = [f"{m.table}.{c.name}" for m in context.project.models for c in m.columns]
        yield Found(
            context.place("privacy.unit"),
            f"There is no column `{settings.unit}` in the models",
            suggestion(settings.unit, columns),
        )


RULE = Rule("DP237", "no-unit", project=check)
