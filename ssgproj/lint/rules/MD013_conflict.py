"""## What it does

Checks that a model does not say two things that exclude each other.

## Why it matters

Which of the two is meant cannot be known.

## Example

```yaml
vocabulary: {reason: public}
columns:
  code: {type: text, generate: uuid}
```

## Use instead

```yaml
vocabulary: {reason: public}
columns:
  code: {type: text}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD013", "conflict")
