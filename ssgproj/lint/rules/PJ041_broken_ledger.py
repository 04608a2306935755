"""## What it does

Checks that the lines of `results/ledger.csv` form an unbroken chain.

## Why it matters

Each line carries the hash of the one before, so that a removed or changed line is found.

## Example

```text
results/ledger.csv without its second line
```

## Use instead

```text
git checkout results
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ041", "broken-ledger", elsewhere="ssg lint, with the results of a run")
