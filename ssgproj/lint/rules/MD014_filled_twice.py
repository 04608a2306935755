"""## What it does

Checks that each column is filled by one generator.

## Why it matters

The second would overwrite the first.

## Example

```yaml
age: {type: integer, generate: uuid}
# and below: generators: [{python: generators.ages.age, columns: [age]}]
```

## Use instead

```yaml
age: {type: integer}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD014", "filled-twice")
