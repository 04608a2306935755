"""## What it does

Checks that a table that must refer to another does not refer to one that gets no rows.

## Why it matters

There would be no key to refer to.

## Example

```yaml
table: users
rows: 0        # and sessions.user_id is NOT NULL
```

## Use instead

```yaml
table: users
rows: 100
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("GR304", "empty-parent")
