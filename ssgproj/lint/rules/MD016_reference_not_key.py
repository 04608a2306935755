"""## What it does

Checks that a reference is to a primary or unique key.

## Why it matters

Databases refuse a reference to columns that may hold one value twice.

## Example

```yaml
device: {type: varchar(20), references: sessions.device}
```

## Use instead

```yaml
session_id: {type: integer, references: sessions.id}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD016", "reference-not-key")
