"""## What it does

Checks that a reference has the type of the key that it refers to.

## Why it matters

The keys would not fit, and the database refuses the reference.

## Example

```yaml
user_id: {type: integer, references: users.id}      # users.id is varchar(10)
```

## Use instead

```yaml
user_id: {type: varchar(10), references: users.id}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD015", "reference-types")
