"""## What it does

Checks that each value of a model is of the right kind: a text, a number, a list, a mapping.

## Why it matters

What cannot be understood is not guessed.

## Example

```yaml
columns: [id, age]
```

## Use instead

```yaml
columns:
  id: {type: integer}
  age: {type: integer}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD002", "wrong-type")
