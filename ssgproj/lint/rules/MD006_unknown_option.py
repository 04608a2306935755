"""## What it does

Checks that a generator has only options that it knows.

## Why it matters

An option that nobody reads leaves the column other than meant.

## Example

```yaml
age: {type: integer, generate: {normal: {mean: 40, std: 12}}}
```

## Use instead

```yaml
age: {type: integer, generate: {normal: {mean: 40, std_dev: 12}}}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD006", "unknown-option")
