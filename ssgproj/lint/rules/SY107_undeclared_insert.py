"""## What it does

Checks that the tables of rows that a story yields are among its `inserts`.

## Why it matters

`inserts` puts the story in its place among the tables, so the run holds the story to it.

## Example

```python
@story(count=10, inserts=["users"])
def sign_ups(ctx):
    user = yield Row("users")
    yield Row("sessions", user_id=user["id"])
```

## Use instead

```python
@story(count=10, inserts=["users", "sessions"])
def sign_ups(ctx):
    user = yield Row("users")
    yield Row("sessions", user_id=user["id"])
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SY107", "undeclared-insert")
