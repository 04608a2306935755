"""## What it does

Checks that columns that are derived from each other have an order.

## Why it matters

Neither of two columns that need each other can be made first. `ssg compile` reports it.

## Example

```yaml
a: {type: integer, generate: {derive: "b + 1"}}
b: {type: integer, generate: {derive: "a + 1"}}
```

## Use instead

```yaml
a: {type: integer}
b: {type: integer, generate: {derive: "a + 1"}}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD302", "columns-in-a-circle", elsewhere="ssg compile")
