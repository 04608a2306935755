"""## What it does

Warns where the final SELECT uses what only some databases run: `==` and IIF.

## Why it matters

SmartNoise hands WHERE and keys on as text. The file should also run by hand, in the database that reviewers use.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE age == 30
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result WHERE age = 30
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "double-equals": Says("Not every database reads `==`", "write ="),
        "iif": Says("Not every database has IIF", "write CASE WHEN ... THEN ... ELSE ... END"),
    }
)

RULE = Rule("SN135", "not-portable", stat=check, severity=Severity.WARNING)
