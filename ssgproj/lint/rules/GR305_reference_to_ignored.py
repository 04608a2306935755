"""## What it does

Warns where a table refers to one that is ignored.

## Why it matters

The reference is left out of the destination.

## Example

```yaml
table: audit
ignore: true
```

## Use instead

```yaml
table: audit
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule

RULE = Rule("GR305", "reference-to-ignored", severity=Severity.WARNING)
