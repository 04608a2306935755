"""## What it does

Warns where nothing uses a statistic.

## Why it matters

It spends budget when it is run.

## Example

```yaml
stats/age_stats.sql, which no model and no story names
```

## Use instead

```yaml
age: {type: integer, generate: {normal: {mean: stat.age_stats.mean, std_dev: stat.age_stats.std_dev}}}
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule

RULE = Rule("GR303", "unused-stat", severity=Severity.WARNING)
