"""## What it does

Checks that references that cannot be NULL do not go in a circle that cannot be filled.

## Why it matters

No row of such tables can be first. The message shows the circle with the place of each reference.

## Example

```text
a refers to b, and b refers to a, both NOT NULL
```

## Use instead

```text
the reference of a is nullable: true
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("GR302", "cycle")
