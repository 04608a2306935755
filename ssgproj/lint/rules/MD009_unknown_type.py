"""## What it does

Warns where a type is not known and looks like a typing error.

## Why it matters

A type that ssg does not know is passed on as it stands.

## Example

```yaml
age: {type: integr}
```

## Use instead

```yaml
age: {type: integer}
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule

RULE = Rule("MD009", "unknown-type", severity=Severity.WARNING)
