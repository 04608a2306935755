"""## What it does

Checks that the header's columns and those of `query_result` are the same.

## Why it matters

SmartNoise finds columns by the header. `SELECT *` is refused: what is sent should be readable in the file, and not change with
the table.

## Example

```yaml
columns:
  age: {type: float}
# and in the SQL: SELECT id, age, country FROM users
```

## Use instead

```yaml
columns:
  id: {type: string, private_id: true}
  age: {type: float}
  country: {type: string}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.privacy.lineage import output_name
from ssgproj.project.suggest import suggestion


def check(stat: StatContext) -> Iterator[Found]:
    if not stat.stat.private or stat.query_result is None or not stat.stat.columns:
        return
    query, _ = stat.query_result
    stars = [item for item in getattr(query, "expressions", []) if item.is_star]
    for star in stars:
        yield stat.in_source(
            star,
            "`SELECT *` does not show what is sent",
            f"name the columns: {', '.join(c.name for c in stat.stat.columns)}",
        )
    if stars:
        return
    produced = stat.query_result_columns or []
    declared = [c.name for c in stat.stat.columns]
    for column in stat.stat.columns:
        if column.name.casefold() not in {p.casefold() for p in produced}:
            yield Found(
                column.at,
                f"`query_result` has no column `{column.name}`",
                suggestion(column.name, produced, sort=False),
            )
    for item in getattr(query, "expressions", []):
        name = output_name(item)
        if not name:
            yield stat.in_source(item, "A column of query_result has no name", "write ... AS name")
        elif name.casefold() not in {d.casefold() for d in declared}:
            yield stat.in_source(
                item,
                f"Column `{name}` is not in the header",
                f"write {name}: {{type: string}} in the header, or leave it out",
            )
        elif [p.casefold() for p in produced].count(name.casefold()) > 1:
            yield stat.in_source(item, f"`query_result` has two columns `{name}`", "give one of them another name")


RULE = Rule("SF005", "columns-differ", stat=check)
