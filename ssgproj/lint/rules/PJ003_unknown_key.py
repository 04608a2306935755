"""## What it does

Checks that settings and profiles have only keys that mean something.

## Why it matters

A key that nobody reads looks as if it did something.

## Example

```yaml
privacy: {unti: users.id}
```

## Use instead

```yaml
privacy: {unit: users.id}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ003", "unknown-key")
