"""## What it does

Checks that YAML files are YAML.

## Why it matters

The message says where reading stopped.

## Example

```text
name: [demo
```

## Use instead

```text
name: demo
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ001", "invalid-yaml")
