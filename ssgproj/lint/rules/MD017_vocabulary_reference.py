"""## What it does

Checks that no vocabulary refers to a table whose rows are generated.

## Why it matters

A copied row would name a generated row that does not exist.

## Example

```yaml
table: countries
vocabulary: {reason: public}
columns:
  capital: {type: varchar(10), references: users.id}
```

## Use instead

```yaml
table: countries
vocabulary: {reason: public, columns: [code]}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD017", "vocabulary-reference")
