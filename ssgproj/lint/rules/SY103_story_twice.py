"""## What it does

Checks that no two stories have one name.

## Why it matters

A story's name is its seed, and how it is selected.

## Example

```python
def sign_ups(ctx): ...      # in two files
```

## Use instead

```python
def sign_ups(ctx): ...
def returns(ctx): ...
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SY103", "story-twice")
