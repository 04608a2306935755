"""## What it does

Checks that `generate:` names a generator.

## Why it matters

`docs/generators.md` has all of them.

## Example

```yaml
age: {type: integer, generate: {normall: {mean: 40}}}
```

## Use instead

```yaml
age: {type: integer, generate: {normal: {mean: 40, std_dev: 12}}}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD005", "unknown-generator")
