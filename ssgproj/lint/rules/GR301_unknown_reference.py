"""## What it does

Checks that every reference leads somewhere: to a table, a column, a statistic and its outputs, a model that a story inserts into,
what a unit test names.

## Why it matters

A name with a typing error is found before anything runs.

## Example

```yaml
age: {type: integer, generate: {normal: {mean: stat.age_stat.mean, std_dev: 12}}}
```

## Use instead

```yaml
age: {type: integer, generate: {normal: {mean: stat.age_stats.mean, std_dev: 12}}}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("GR301", "unknown-reference")
