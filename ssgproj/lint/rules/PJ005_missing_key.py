"""## What it does

Checks that the settings that must be there are.

## Why it matters

Nothing sensible can stand in for them.

## Example

```yaml
profile: demo
```

## Use instead

```yaml
name: demo
profile: demo
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ005", "missing-key")
