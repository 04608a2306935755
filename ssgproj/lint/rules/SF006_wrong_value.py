"""## What it does

Checks that the header's values are of the right kind.

## Why it matters

What cannot be understood is not guessed.

## Example

```yaml
min_people: ten
```

## Use instead

```yaml
min_people: 10
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SF006", "wrong-value")
