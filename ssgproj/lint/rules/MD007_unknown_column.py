"""## What it does

Checks that keys, checks, indexes and generators name columns that the table has.

## Why it matters

The database would refuse the table.

## Example

```yaml
primary_key: [idd]
```

## Use instead

```yaml
primary_key: [id]
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD007", "unknown-column")
