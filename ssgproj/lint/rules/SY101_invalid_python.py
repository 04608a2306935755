"""## What it does

Checks that the files of `stories/` are Python.

## Why it matters

They are read, not run, to see what they insert.

## Example

```python
def sign_ups(ctx:
```

## Use instead

```python
def sign_ups(ctx): ...
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SY101", "invalid-python")
