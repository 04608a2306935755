"""## What it does

Checks that there are values that satisfy a column's type and constraints.

## Why it matters

A table that can hold no row cannot be filled. `ssg compile` reports it.

## Example

```yaml
checks: ["age > 10", "age < 5"]
```

## Use instead

```yaml
checks: ["age > 5", "age < 10"]
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD303", "no-values", elsewhere="ssg compile")
