"""## What it does

Checks that names are written without quotes.

## Why it matters

SmartNoise takes the quotes for a part of the name: a quoted alias comes back with its quotes, a quoted column is not found, and
text in double quotes is a column, not a text.

## Example

```sql
SELECT COUNT(*) AS "n" FROM query_result WHERE country = "US"
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result WHERE country = 'US'
```
"""

from __future__ import annotations

import re

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes
from ssgproj.project.smartnoise.names import RESERVED

check = causes(
    {
        "quoted-alias": Says(
            "The quotes become a part of the name `{about}`",
            "write AS {instead}",
            edit=lambda cause: (
                cause.instead
                if re.fullmatch("[a-z_][a-z0-9_]*", cause.instead) and cause.instead.upper() not in RESERVED
                else None
            ),
        ),
        "quoted-here": Says(
            "`{about}` works here alone, since SmartNoise hands it on as it is",
            "write {instead}, without quotes",
            severity=Severity.WARNING,
        ),
        "quoted-name": Says(
            "`{about}` is a column's name with its quotes, which SmartNoise does not find",
            "write a column without quotes, and text in single quotes",
        ),
    }
)

RULE = Rule("SN106", "quoted-alias", stat=check, fixable=True)
