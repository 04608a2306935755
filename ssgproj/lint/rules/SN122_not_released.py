"""## What it does

Checks that HAVING and ORDER BY use outputs of the SELECT list, in forms that work on the released rows.

## Why it matters

SmartNoise runs them in Python over the rows it releases: it knows the outputs and nothing else, compares only like types, and
fails on NOT IN. The failure comes after the budget is spent.

## Example

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country HAVING SUM(age) > 10 ORDER BY gender
```

## Use instead

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country HAVING n > 10 ORDER BY country
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "not-released": Says(
            "`{about}` is not an output of the SELECT list", "add it to the SELECT list, or use an output's name"
        ),
        "having-form": Says(
            "SmartNoise cannot evaluate `{about}` over the released rows", "compare an output with a number or a text"
        ),
        "having-operator": Says("HAVING does not know `{about}`", "write =, <>, <, <=, > or >="),
        "having-bounds": Says("The bounds of BETWEEN must be plain numbers here", "write two comparisons with AND"),
        "having-not-in": Says("NOT IN fails in HAVING", "write {instead}", edit=lambda cause: cause.instead),
        "having-types": Says("`{about}` compares a text with a number", "compare like with like"),
    }
)

RULE = Rule("SN122", "not-released", stat=check, fixable=True)
