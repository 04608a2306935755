"""## What it does

Warns where two statistics without differential privacy measure the same, one of them over a part of the other's rows.

## Why it matters

Their difference is about the rows between them, which may be one person. `min_people` looks at each statistic by itself.

## Example

```sql
SELECT COUNT(*) AS n FROM users WHERE age > 30                         -- stats/a.sql
SELECT COUNT(*) AS n FROM users WHERE age > 30 AND country <> 'LU'     -- stats/b.sql
```

## Use instead

```sql
SELECT country, COUNT(*) AS n FROM users WHERE age > 30 GROUP BY country
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import ProjectContext, StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.privacy.mixing import conjuncts


def check(context: ProjectContext) -> Iterator[Found]:
    plain = [(s, m) for s in context.stats if not s.stat.private and (m := _measures(s)) is not None]
    for wide, (tables, keys, measures, conditions) in plain:
        for narrow, (tables_, keys_, measures_, conditions_) in plain:
            same = tables == tables_ and keys == keys_ and measures & measures_
            if same and conditions < conditions_:
                where: Any = narrow.source.args["where"]
                yield narrow.in_source(
                    where.this,
                    f"`{narrow.stat.name}` measures a part of the rows of `{wide.stat.name}`: their difference is about the others",
                    "make one statistic of both with GROUP BY, or use differential privacy",
                )


def _measures(stat: StatContext) -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]] | None:
    """The tables, keys, aggregates and conditions of a simple query; None for any other."""
    from sqlglot import exp

    query = stat.source
    if not isinstance(query, exp.Select) or query.args.get("with_") or query.find(exp.Subquery):
        return None
    group: Any = query.args.get("group")
    where: Any = query.args.get("where")

    def said(nodes: Any) -> frozenset[str]:
        return frozenset(node.sql(normalize=True, comments=False) for node in nodes)

    return (
        said(query.find_all(exp.Table)),
        said(group.expressions if group is not None else ()),
        said(query.find_all(exp.AggFunc)),
        said(conjuncts(where.this) if where is not None else ()),
    )


RULE = Rule("DP239", "nested-conditions", project=check, severity=Severity.WARNING)
