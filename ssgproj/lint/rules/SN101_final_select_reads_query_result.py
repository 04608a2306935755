"""## What it does

Checks that the final SELECT is one SELECT that reads from `query_result` and from nothing else.

## Why it matters

SmartNoise runs the final SELECT. It knows one table, `query_result`, and no joins, subqueries, set operations or further CTEs.
What needs them belongs in `query_result`, which your database runs.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result JOIN users USING (id)
```

## Use instead

```sql
WITH query_result AS (SELECT s.user_id, u.age FROM sessions AS s JOIN users AS u ON u.id = s.user_id)
SELECT COUNT(*) AS n FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "no-select": Says("There is no final SELECT", "write SELECT ... FROM query_result behind the CTEs"),
        "with": Says("SmartNoise knows no WITH", "move the CTE before query_result"),
        "from-first": Says("A SELECT cannot begin with FROM", "write SELECT ... FROM query_result"),
        "not-select": Says("The last statement must be a SELECT, not `{about}`", "write SELECT ... FROM query_result"),
        "brackets": Says("The final SELECT stands in brackets", "remove the brackets around it"),
        "no-from": Says("The final SELECT has no FROM", "add FROM query_result"),
        "from-subquery": Says(
            "SmartNoise knows no subqueries in FROM", "do it in query_result, and write FROM query_result"
        ),
        "table-function": Says(
            "SmartNoise reads one table, not `{about}`", "read it in query_result, and write FROM query_result"
        ),
        "no-table": Says("FROM names no table", "write FROM query_result"),
        "join": Says("SmartNoise knows no joins", "join in query_result"),
        "other-table": Says(
            "The final SELECT reads `{about}`", "write FROM query_result, in lower case, without schema or quotes"
        ),
        "two-statements": Says("A statistic is one statement", "put the second one into a file of its own"),
        "set-operation": Says("SmartNoise knows no `{about}`", "write a statistic of its own for each SELECT"),
        "no-output": Says("The SELECT list is empty", "write what to release, such as COUNT(*) AS n"),
        "into": Says("A statistic cannot write INTO a table", "remove INTO"),
        "column-list": Says("SmartNoise knows no `{about}`", "remove it"),
    }
)

RULE = Rule("SN101", "final-select-reads-query-result", stat=check)
