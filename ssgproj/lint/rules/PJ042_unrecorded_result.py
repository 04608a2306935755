"""## What it does

Checks that every result was paid for by a line of the ledger.

## Why it matters

A result without a line may have spent what nobody counted.

## Example

```text
results/age_stats.yml without a line in results/ledger.csv
```

## Use instead

```text
git checkout results
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ042", "unrecorded-result", elsewhere="ssg lint, with the results of a run")
