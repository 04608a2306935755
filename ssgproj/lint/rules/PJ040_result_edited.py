"""## What it does

Checks that the results in `results/` are what was released.

## Why it matters

A changed number is not what the ledger paid for, and `ssg run` refuses it.

## Example

```text
results/age_stats.yml with another mean
```

## Use instead

```text
git checkout results
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ040", "result-edited", elsewhere="ssg lint, with the results of a run")
