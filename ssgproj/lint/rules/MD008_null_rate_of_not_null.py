"""## What it does

Checks that only columns that may be NULL have a `null_rate`.

## Why it matters

A NULL in such a column is refused by the database.

## Example

```yaml
age: {type: integer, null_rate: 0.1}
```

## Use instead

```yaml
age: {type: integer, nullable: true, null_rate: 0.1}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD008", "null-rate-of-not-null")
