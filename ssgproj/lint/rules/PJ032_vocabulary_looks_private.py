"""## What it does

Warns where a column of a vocabulary looks like something about a person.

## Why it matters

A vocabulary is copied as it is.

## Example

```yaml
table: staff
vocabulary: {reason: public}
columns:
  email: {type: text}
```

## Use instead

```yaml
table: staff
vocabulary: {reason: public, columns: [grade]}
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule

RULE = Rule("PJ032", "vocabulary-looks-private", severity=Severity.WARNING)
