"""## What it does

Checks that conditions and values are written with the operators that SmartNoise reads.

## Why it matters

Its grammar has `= <> < <= > >=`, BETWEEN, IN (list), IS [NOT] NULL, AND, OR, NOT and `+ - * / %`. It has no LIKE, no `||`, no
casts with `::`, no minus before a column, and no condition where a value is expected.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE country LIKE 'U%'
```

## Use instead

```sql
WITH query_result AS (SELECT user_id, country FROM users WHERE country LIKE 'U%')
SELECT COUNT(*) AS n FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "operator": Says("SmartNoise has no operator `{about}`", "use it in query_result"),
        "unary-minus": Says("SmartNoise reads a sign before a number only", "write 0 - x, or do it in query_result"),
        "spaced-minus": Says(
            "No blank may stand between a minus and its number",
            "write the minus right before the number",
            edit=lambda cause: "-" + cause.about.lstrip("- \t\r\n"),
        ),
        "condition-as-value": Says(
            "A condition cannot be a value here: `{about}`",
            "write CASE WHEN {about} THEN 1 ELSE 0 END, or make a column of it in query_result",
        ),
        "value-as-condition": Says("A value cannot be a condition: `{about}`", "compare it, as in x = 1"),
        "tuple": Says("SmartNoise knows no tuples", "compare the columns one by one, with AND"),
        "empty-in": Says("IN needs at least one value", "write IN ('a', 'b')"),
        "comparison-operator": Says("Databases do not know `{about}`", "write =, <>, <, <=, > or >="),
        "typed-literal": Says(
            "SmartNoise does not read `{about} '...'`", "compare with a plain text, such as '2024-01-31'"
        ),
        "null": Says("SmartNoise cannot carry NULL as a value", "leave ELSE out, or write another value"),
        "where-form": Says("SmartNoise cannot filter by `{about}`", "filter in query_result"),
    }
)

RULE = Rule("SN111", "unsupported-expression", stat=check, fixable=True)
