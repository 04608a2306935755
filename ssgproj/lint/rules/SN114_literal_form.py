"""## What it does

Checks that numbers, texts and comments are written as SmartNoise reads them.

## Why it matters

It reads `12`, `1.5`, `1E5` with a capital E, and texts in single quotes without a quote inside. It does not read `.5`, `1e5`,
`0x10`, `1_000`, `'it''s'`, `N'x'` or hints. It prints very large and very small numbers with an exponent that it cannot read
back.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE secs > .5 AND country <> 'it''s'
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result WHERE secs > 0.5
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "number-form": Says("SmartNoise does not read this number", "write plain digits, such as 0.5 or 100000"),
        "exponent": Says(
            "SmartNoise cannot carry a number as large or small as `{about}`", "scale the column in query_result"
        ),
        "doubled-quote": Says("SmartNoise does not read a quote inside a text", "compare in query_result"),
        "adjacent-strings": Says("Two texts stand next to each other", "write one text"),
        "prefixed-string": Says("SmartNoise does not read a prefix before a text", "write the text alone: 'x'"),
        "open-string": Says("The text is not closed", "close it with a single quote"),
        "open-comment": Says("The comment is not closed", "close it with */"),
        "lower-case-current": Says(
            "SmartNoise reads `{about}` in upper case only",
            "write it in upper case",
            edit=lambda cause: cause.about.upper(),
        ),
        "hint-comment": Says("SmartNoise does not skip hints", "remove the comment"),
    }
)

RULE = Rule("SN114", "literal-form", stat=check, fixable=True)
