"""## What it does

Checks that each table has one model.

## Why it matters

Two models of one table would contradict each other.

## Example

```text
models/users.yml and models/people.yml both say table: users
```

## Use instead

```text
models/users.yml says table: users
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD011", "table-twice")
