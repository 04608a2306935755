"""## What it does

Warns where a result or a vocabulary holds what looks like e-mail addresses, IBANs, NHS numbers or card numbers.

## Why it matters

These files leave the private side. Whatever query made them, such texts belong to one person each.

## Example

```csv
code,contact
A1,jane.doe@nhs.example
```

## Use instead

```csv
code
A1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.diagnostics import Location, Severity
from ssgproj.lint.context import ProjectContext
from ssgproj.lint.rule import Found, Rule

MOST = 20_000_000
"""Bytes of one file that are looked at."""


def check(context: ProjectContext) -> Iterator[Found]:
    from ssgproj.vocabularies.personal import personal_texts

    root = context.project.root
    for path in sorted([*root.glob("results/*.yml"), *root.glob("vocabularies/*.csv")]):
        try:
            with path.open("rb") as file:
                text = file.read(MOST).decode("utf-8", "replace")
        except OSError:
            continue
        for found in personal_texts(text):
            lines = "1 line" if found.lines == 1 else f"{found.lines} lines"
            yield Found(
                Location(path.relative_to(root).as_posix(), found.first),
                f"What looks like {found.what} is on {lines}",
                "leave the column out of the query, or of the vocabulary: vocabulary: {reason: ..., columns: [...]}",
            )


RULE = Rule("PJ034", "looks-personal", project=check, severity=Severity.WARNING)
