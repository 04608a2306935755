"""## What it does

Checks that a story yields rows, or returns what does.

## Why it matters

A story without `yield` makes no rows, however often it is told.

## Example

```python
@story(count=10, inserts=["users"])
def sign_ups(ctx):
    Row("users", age=30)
```

## Use instead

```python
@story(count=10, inserts=["users"])
def sign_ups(ctx):
    yield Row("users", age=30)
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SY105", "story-yields-nothing")
