"""## What it does

Checks that the final SELECT holds only characters that SmartNoise reads.

## Why it matters

No-break spaces, byte order marks, typographic quotes, `$1`, `?`, `:p` and `{{ }}` come from editors, chats and templates.
SmartNoise refuses them, or takes them for a part of a name.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE country = $1
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result WHERE country = 'US'
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule, Says, Span, causes
from ssgproj.project.smartnoise.lexer import T, tokenize

_causes = causes(
    {
        "bad-character": Says(
            "SmartNoise cannot read `{about}`", "type it anew with plain characters; a statistic has no parameters"
        ),
    }
)


def _names(stat: StatContext) -> Iterator[Found]:
    """Characters that SmartNoise takes for letters: typographic quotes, full-width signs, zero-width blanks."""
    if stat.stat.query is None:
        return
    for token in tokenize(stat.stat.dp):
        if token.kind is T.WORD:
            for at, character in enumerate(token.text, token.start):
                if not (character.isalnum() or character in "_$."):
                    span = Span(at, at + 1)
                    yield stat.in_dp(
                        span,
                        f"SmartNoise takes `{ascii(character)[1:-1]}` for a letter of a name",
                        "type it anew with plain characters",
                    )


def check(stat: StatContext) -> Iterator[Found]:
    yield from _causes(stat)
    yield from _names(stat)


RULE = Rule("SN115", "unreadable-character", stat=check)
