"""## What it does

Checks that a model says what it must: its table, its columns, their types.

## Why it matters

Nothing sensible can stand in for it.

## Example

```yaml
columns:
  id: {type: integer}
```

## Use instead

```yaml
table: users
columns:
  id: {type: integer}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD003", "missing-key")
