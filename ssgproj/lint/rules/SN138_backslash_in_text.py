r"""## What it does

Checks that no text of the final SELECT holds a backslash.

## Why it matters

SmartNoise takes a backslash for an escape, databases do not: what is a text to one is the end of a text to the other. The rest of
the text then runs as SQL, past every protection; this has been used to drop a table.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE note <> 'it\'s'
```

## Use instead

```sql
WITH query_result AS (SELECT user_id FROM visits WHERE note <> 'it''s')
SELECT COUNT(*) AS n FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "backslash": Says(
            "A backslash ends the text in the database, but not for SmartNoise", "compare in query_result"
        ),
    }
)

RULE = Rule("SN138", "backslash-in-text", stat=check)
