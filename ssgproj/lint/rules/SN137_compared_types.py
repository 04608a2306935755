"""## What it does

Warns where a text is compared with a number, or a column that is not boolean stands as a condition.

## Why it matters

Databases differ in what that means: some fail, some compare as text, some find nothing.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE age = '30'
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
        "compared-types": Says(
            "`{about}` is of type {instead}, and compared with another type",
            "write numbers without quotes, and texts in single quotes",
        ),
        "boolean-text": Says(
            "`{about}` is a boolean, and compared with a text",
            "write it alone, or NOT {about}",
            severity=Severity.ERROR,
        ),
        "column-as-condition": Says("`{about}` is not a boolean column", "compare it, as in {about} > 0"),
    }
)

RULE = Rule("SN137", "compared-types", stat=check, severity=Severity.WARNING)
