"""## What it does

Checks that `var.NAME` is declared under `vars:`.

## Why it matters

A variable that is not declared has no value.

## Example

```yaml
rows: var.userz
```

## Use instead

```yaml
rows: var.users      # vars: {users: 1000} in ssg_project.yml
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD012", "unknown-variable")
