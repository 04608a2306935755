"""## What it does

Checks that a comment that silences a finding names its rule, and for a privacy rule gives the reason.

## Why it matters

A bare `noqa` would silence what is found later as well. Privacy findings are the steward's business: the reason stands beside
them, and every report lists them.

## Example

```sql
SELECT secs, COUNT(*) AS n FROM query_result GROUP BY secs -- noqa: DP224
```

## Use instead

```sql
SELECT secs, COUNT(*) AS n FROM query_result GROUP BY secs -- noqa: DP224 -- whole seconds, at most 60
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SF011", "bad-noqa")
