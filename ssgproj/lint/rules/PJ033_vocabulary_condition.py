"""## What it does

Checks that `where` of a vocabulary is one condition over its own columns.

## Why it matters

It is sent to the source.

## Example

```yaml
vocabulary: {reason: public, where: "id IN (SELECT 1); DROP TABLE x"}
```

## Use instead

```yaml
vocabulary: {reason: public, where: "valid_until IS NULL"}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ033", "vocabulary-condition")
