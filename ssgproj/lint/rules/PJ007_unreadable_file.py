"""## What it does

Checks that files can be read as UTF-8 text.

## Why it matters

Other encodings turn names into others.

## Example

```text
a model saved as Latin-1
```

## Use instead

```text
the same saved as UTF-8
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ007", "unreadable-file")
