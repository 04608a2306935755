"""## What it does

Checks that a model has only keys that mean something.

## Why it matters

A key that nobody reads looks as if it did something.

## Example

```yaml
columns:
  id: {type: integer, primary_kye: true}
```

## Use instead

```yaml
columns:
  id: {type: integer, primary_key: true}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD001", "unknown-key")
