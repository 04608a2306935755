"""## What it does

Checks that exactly one column is the private id, and that `query_result` has it.

## Why it matters

SmartNoise limits and counts what each person adds by this column. It refuses none and several. DP202 says more at the header.

## Example

```yaml
columns:
  id: {type: string}
```

## Use instead

```yaml
columns:
  id: {type: string, private_id: true}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    query = stat.stat.query
    if query is None or query.table is None:
        return
    marked = [c for c in stat.stat.columns if c.private_id]
    if not marked:
        yield stat.in_dp(
            query.table,
            "SmartNoise needs to know the private id",
            "write `private_id: true` at one column of the header",
        )
    for extra in marked[1:]:
        yield Found(extra.at, f"`{marked[0].name}` is the private id already", "mark one column only")
    produced = stat.query_result_columns
    if len(marked) == 1 and produced is not None and marked[0].name.casefold() not in {c.casefold() for c in produced}:
        yield Found(
            marked[0].at,
            f"`query_result` has no column `{marked[0].name}`, the private id",
            f"select it there: ... AS {marked[0].name}",
        )


RULE = Rule("SN140", "one-private-id", stat=check)
