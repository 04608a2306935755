"""## What it does

Checks that this version of ssg is one that the project asks for.

## Why it matters

Another version may give other rows.

## Example

```yaml
requires_ssg: ">=99"
```

## Use instead

```yaml
requires_ssg: ">=0.1"
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ010", "other-version")
