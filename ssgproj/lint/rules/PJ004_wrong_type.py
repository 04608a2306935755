"""## What it does

Checks that settings are of the right kind.

## Why it matters

What cannot be understood is not guessed.

## Example

```yaml
generation: {seed: abc}
```

## Use instead

```yaml
generation: {seed: 42}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ004", "wrong-type")
