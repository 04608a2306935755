"""## What it does

Checks that a story is a plain function whose first parameter is the context.

## Why it matters

It is called as `story(ctx, ...)`, and must give its rows as they are asked for.

## Example

```python
@story(count=10, inserts=["users"])
async def sign_ups():
    yield Row("users")
```

## Use instead

```python
@story(count=10, inserts=["users"])
def sign_ups(ctx):
    yield Row("users")
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SY104", "story-signature")
