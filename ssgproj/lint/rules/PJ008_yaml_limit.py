"""## What it does

Checks that YAML files have no tags, and are neither too large nor nested too deep.

## Why it matters

Files are data: nothing in them is run, and nothing in them can fill the memory.

## Example

```text
name: !!python/name:os.system
```

## Use instead

```text
name: demo
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ008", "yaml-limit")
