"""## What it does

Finds stories that draw from the generators which the whole program shares: `random.choice(...)`, `numpy.random.normal(...)`.

## Why it matters

They are seeded anew for each telling, so that the rows stay the same. But whatever else draws from them, another library say, changes what the story draws next.

## Example

```python
device = random.choice(DEVICES)
```

## Use instead

```python
device = ctx.random.choice(DEVICES)
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule

RULE = Rule("SY503", "global-random", severity=Severity.WARNING)
