"""## What it does

Checks that no story inserts into a vocabulary.

## Why it matters

A vocabulary is copied as it stands.

## Example

```python
@story(count=3, inserts=["countries"])      # countries is a vocabulary
```

## Use instead

```python
@story(count=3, inserts=["users"])
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("GR306", "story-inserts-vocabulary")
