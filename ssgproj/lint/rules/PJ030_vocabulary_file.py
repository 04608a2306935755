"""## What it does

Checks that the file of a vocabulary is there and fits its model.

## Why it matters

`ssg run` reads vocabularies from `vocabularies/`, never from the source.

## Example

```text
vocabularies/countries.csv without the column code
```

## Use instead

```text
ssg vocab
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ030", "vocabulary-file", elsewhere="ssg compile and ssg run")
