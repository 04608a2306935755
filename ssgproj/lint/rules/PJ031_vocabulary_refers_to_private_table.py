"""## What it does

Checks that no vocabulary refers to a table that is not one.

## Why it matters

Its copy would carry keys of private rows.

## Example

```yaml
table: countries
vocabulary: {reason: public}
columns:
  best_customer: {type: integer, references: users.id}
```

## Use instead

```yaml
table: countries
vocabulary: {reason: public, columns: [code, name]}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ031", "vocabulary-refers-to-private-table")
