"""## What it does

Checks that the options of a generator have values that it can use, for the column it fills.

## Why it matters

`ssg compile` and `ssg run` report it, with the column.

## Example

```yaml
age: {type: integer, generate: {normal: {mean: old}}}
```

## Use instead

```yaml
age: {type: integer, generate: {normal: {mean: 40, std_dev: 12}}}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD301", "generator-option", elsewhere="ssg compile")
