"""## What it does

Checks that the header is YAML, without a key twice.

## Why it matters

Of a key that is there twice only one can be meant.

## Example

```text
epsilon: 0.5
epsilon: 1.0
```

## Use instead

```text
epsilon: 0.5
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SF002", "invalid-header")
