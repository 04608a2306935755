"""## What it does

Checks that nothing is there twice: constraints of one name, columns in a key, types, labels.

## Why it matters

Of two only one can be meant.

## Example

```yaml
unique:
  - {columns: [a], name: u}
  - {columns: [b], name: u}
```

## Use instead

```yaml
unique:
  - {columns: [a], name: u_a}
  - {columns: [b], name: u_b}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD010", "duplicate")
