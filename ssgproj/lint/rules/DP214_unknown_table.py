"""## What it does

Checks that statistics read tables that have a model, and no others.

## Why it matters

Models are the tables that were looked at when the project was set up. System catalogues hold samples of the data, and a table
that appears later was never considered.

## Example

```sql
WITH query_result AS (SELECT id, histogram_bounds AS age FROM pg_stats)
```

## Use instead

```sql
WITH query_result AS (SELECT id, age FROM users)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.project.suggest import suggestion


def check(stat: StatContext) -> Iterator[Found]:
    known = sorted(str(m.table) for m in stat.project.models)
    for node, name in stat.unknown_tables:
        severity = None if known else Severity.WARNING
        hint = suggestion(name, known) if known else "write models first: ssg reflect"
        yield stat.in_source(node, f"There is no model of table `{name}`", hint, severity=severity)


RULE = Rule("DP214", "unknown-table", stat=check)
