"""## What it does

Checks that no key is there twice.

## Why it matters

Other tools keep the last one without a word.

## Example

```text
rows: 10
rows: 20
```

## Use instead

```text
rows: 20
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ002", "duplicate-key")
