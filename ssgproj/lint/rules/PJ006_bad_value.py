"""## What it does

Checks that settings have values that make sense.

## Why it matters

The message says which do.

## Example

```yaml
source: {dialect: postgrez}
```

## Use instead

```yaml
source: {dialect: postgres}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ006", "bad-value")
