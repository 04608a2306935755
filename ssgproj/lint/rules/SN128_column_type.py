"""## What it does

Checks that every column of the header is a mapping with one of the types `int`, `float`, `string`, `boolean`, `datetime`.

## Why it matters

SmartNoise knows these five and refuses all others.

## Example

```yaml
columns:
  age: {type: integer}
```

## Use instead

```yaml
columns:
  age: {type: int}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SN128", "column-type")
