"""## What it does

Checks that the file begins with a comment that begins with `ssg:stat`.

## Why it matters

The header says what the statistic may spend and what its columns are. In the opening comment every SQL tool leaves it alone.

## Example

```sql
-- Mean age
WITH query_result AS (...)
```

## Use instead

```sql
/* ssg:stat
description: Mean age.
epsilon: 0.5
*/
WITH query_result AS (...)
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SF001", "missing-header")
