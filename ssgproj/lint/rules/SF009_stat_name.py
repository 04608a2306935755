"""## What it does

Checks that the file's name can be used as the statistic's name, and only once.

## Why it matters

Models refer to it as `stat.NAME.COLUMN`.

## Example

```text
stats/age-stats.sql
```

## Use instead

```text
stats/age_stats.sql
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SF009", "stat-name")
