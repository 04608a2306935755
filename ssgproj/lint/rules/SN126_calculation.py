"""## What it does

Checks that what stands around aggregates is arithmetic with numbers and other aggregates.

## Why it matters

SmartNoise calculates with noisy numbers in Python, with types of its own; CASE and COALESCE around an aggregate fail. What is
calculated from released numbers costs nothing and can be done where they are used.

## Example

```sql
SELECT COALESCE(SUM(n_actions), 0) AS total FROM query_result
```

## Use instead

```sql
SELECT SUM(n_actions) AS total FROM query_result
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "calculation-column": Says(
            "A column stands next to an aggregate: `{about}`", "aggregate it, or give it an output of its own"
        ),
        "calculation-value": Says("SmartNoise cannot calculate with `{about}`", "use numbers and aggregates only"),
        "function-around-aggregate": Says(
            "`{about}` stands around an aggregate",
            "release the aggregate itself, and calculate where it is used",
            severity=Severity.WARNING,
        ),
        "list-around-aggregate": Says(
            "SmartNoise fails on `{about}` around an aggregate", "release the aggregate itself"
        ),
        "power": Says(
            "SmartNoise cuts the result of POWER to the type of its argument",
            "release the aggregate itself, and calculate where it is used",
        ),
    }
)

RULE = Rule("SN126", "calculation", stat=check)
