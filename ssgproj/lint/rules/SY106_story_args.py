"""## What it does

Checks the arguments under `stories:` in `ssg_project.yml` against the parameters of the story's function.

## Why it matters

The function would fail in its first telling.

## Example

```python
# stories: {sign_ups: {args: {sesions: 10}}}
def sign_ups(ctx, sessions=5): ...
```

## Use instead

```python
# stories: {sign_ups: {args: {sessions: 10}}}
def sign_ups(ctx, sessions=5): ...
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SY106", "story-args")
