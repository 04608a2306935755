"""## What it does

Warns where a number has a leading zero.

## Why it matters

`012` is the number 12; a code would lose its zero.

## Example

```text
default: 012
```

## Use instead

```text
default: "012"
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule

RULE = Rule("PJ009", "leading-zero", severity=Severity.WARNING)
