"""## What it does

Warns where query_result may fail on a value of the data: a division by a column, a text that is cast to a number or a date.

## Why it matters

Whether the query fails is an answer about the data, exact and without noise; and it fails only where nobody is looking.

## Example

```sql
SELECT id, secs / n_actions AS pace FROM sessions
```

## Use instead

```sql
SELECT id, secs / NULLIF(n_actions, 0) AS pace FROM sessions
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.privacy.mixing import own_nodes


def check(stat: StatContext) -> Iterator[Found]:
    if stat.source is None or stat.query_result is None or not isinstance(stat.source, exp.Query):
        return
    for select, ctes in stat.people.selects(stat.source, {}):
        for node in own_nodes(select):
            if isinstance(node, exp.Div | exp.IntDiv | exp.Mod) and not _never_zero(node.expression):
                yield stat.in_source(node, "The query fails where the divisor is 0", "divide by NULLIF(..., 0)")
            elif type(node) is exp.Cast and _may_not_parse(node, stat, select, ctes):
                yield stat.in_source(
                    node,
                    "The query fails where the text does not fit the type",
                    "use TRY_CAST, or CASE WHEN it fits THEN CAST(...)",
                )


def _never_zero(node: Any) -> bool:
    node = node.unnest()
    if isinstance(node, exp.Literal):
        return not node.is_string and float(node.name) != 0
    return isinstance(node, exp.Nullif | exp.Count) or (isinstance(node, exp.Cast) and _never_zero(node.this))


def _may_not_parse(node: exp.Cast, stat: StatContext, select: exp.Select, ctes: dict[str, Any]) -> bool:
    if node.to.is_type(*exp.DataType.TEXT_TYPES) or not isinstance(node.this, exp.Column):
        return False
    origin = stat.lineage.column(node.this, select, ctes)
    return origin is not None and not origin.cast and origin.model.column(origin.column).type.is_text


RULE = Rule("DP238", "may-fail", stat=check, severity=Severity.WARNING)
