"""## What it does

Warns where a comment silences a rule that finds nothing.

## Why it matters

It would hide the next finding, which nobody has looked at.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result -- noqa: SN105
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule

RULE = Rule("SF010", "unused-noqa", severity=Severity.WARNING)
