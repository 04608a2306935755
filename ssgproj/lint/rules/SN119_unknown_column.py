"""## What it does

Checks that every column of the final SELECT is declared in the header, and comes out of `query_result`.

## Why it matters

SmartNoise finds columns by the header, in their exact case. It does not look at WHERE, where a typing error fails only in the
database.

## Example

```sql
SELECT AVG(Age) AS mean FROM query_result
```

## Use instead

```sql
SELECT AVG(age) AS mean FROM query_result
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.project.smartnoise import tree
from ssgproj.project.suggest import closest, suggestion


def check(stat: StatContext) -> Iterator[Found]:
    for cause in stat.causes("unknown-column"):
        hint = (
            suggestion(cause.about, stat.columns, sort=False) if stat.columns else "declare it in the header: columns:"
        )
        produced = {c.casefold() for c in stat.query_result_columns or ()}
        if cause.about.casefold() in produced and closest(cause.about, stat.columns) is None:
            hint = f"add it to the header: {cause.about}: {{type: string}}"
        yield stat.in_dp(cause, f"Column `{cause.about}` is not in the header", hint)
    yield from _not_produced(stat)


def _not_produced(stat: StatContext) -> Iterator[Found]:
    produced = stat.query_result_columns
    if produced is None or stat.stat.query is None:
        return
    names = {c.casefold() for c in produced}
    for node in stat.stat.query.nodes():
        if (
            isinstance(node, tree.Column)
            and not node.quoted
            and node.name in stat.columns
            and node.name.casefold() not in names
        ):
            yield stat.in_dp(
                node, f"`query_result` has no column `{node.name}`", suggestion(node.name, produced, sort=False)
            )


RULE = Rule("SN119", "unknown-column", stat=check)
