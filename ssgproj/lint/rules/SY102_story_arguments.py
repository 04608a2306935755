"""## What it does

Checks that the arguments of `@story` are plain values.

## Why it matters

They make the graph without any code being run.

## Example

```python
@story(count=compute(), inserts=["users"])
```

## Use instead

```python
@story(count="var.sign_ups", inserts=["users"])
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SY102", "story-arguments")
