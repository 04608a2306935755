"""## What it does

Checks for forms that return NaN, a negative variance, or another logarithm than expected.

## Why it matters

The noise can make a variance negative. SmartNoise sets VAR and STDDEV to 0 then, but VARIANCE comes back negative, and STD and
SQRT(VAR(x)) as NaN. Its LOG is the natural logarithm.

## Example

```sql
SELECT SQRT(VAR(age)) AS sd FROM query_result
```

## Use instead

```sql
SELECT STDDEV(age) AS sd FROM query_result
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "unfloored": Says(
            "SmartNoise does not keep `{about}` from going below 0", "write {instead}", severity=Severity.WARNING
        ),
        "root-of-variance": Says("`{about}` is NaN where the noise makes the variance negative", "write {instead}"),
        "logarithm": Says(
            "`{about}` of a noisy number: LOG is the natural logarithm here, and of a negative number it is NaN",
            "release the number itself, and calculate where it is used",
        ),
    }
)

RULE = Rule("DP220", "silent-nan", stat=check)
