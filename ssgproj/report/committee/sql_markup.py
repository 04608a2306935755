"""Texts with parts marked up: SQL by the kinds of its words, messages by their backticks. Every character of the text is in it, escaped, whether it is valid SQL or not."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ssgproj.project.sql_text import Kind, lexis, scan

if TYPE_CHECKING:
    from markupsafe import Markup

_CLASSES = {Kind.COMMENT: "c", Kind.STRING: "s", Kind.NUMBER: "n", Kind.QUOTED: "q"}
_FUNCTIONS = frozenset({"COUNT", "SUM", "AVG", "MIN", "MAX", "STDDEV", "VARIANCE", "VAR", "FLOOR", "ROUND", "COALESCE"})


def marked_up(sql: str, dialect: str) -> Markup:
    """The SQL as HTML: keywords in `<b>`, comments, strings, numbers and quoted names in spans of a class."""
    from markupsafe import Markup

    words = _keywords(dialect)
    parts = []
    for piece in scan(sql, lexis(dialect)):
        text = sql[piece.start : piece.end]
        if piece.kind is Kind.WORD and text.upper() in words:
            parts.append(Markup("<b>{}</b>").format(text))
        elif piece.kind in _CLASSES:
            parts.append(Markup('<span class="{}">{}</span>').format(_CLASSES[piece.kind], text))
        else:
            parts.append(Markup("{}").format(text))
    return Markup("").join(parts)


def ticked(text: str) -> Markup:
    """A message as HTML: what stands between backticks is code."""
    from markupsafe import Markup

    parts = text.split("`")
    if len(parts) % 2 == 0:
        return Markup("{}").format(text)
    code, plain = Markup("<code>{}</code>"), Markup("{}")
    return Markup("").join((code if i % 2 else plain).format(part) for i, part in enumerate(parts))


@lru_cache(maxsize=8)
def _keywords(dialect: str) -> frozenset[str]:
    """The words that the dialect's tokenizer knows, less names of types, and the usual functions."""
    from sqlglot.dialects.dialect import Dialect

    known = Dialect.get_or_raise(dialect).tokenizer_class.KEYWORDS
    single = {k.upper() for k in known if k.isalpha()}
    double = {part.upper() for k in known if " " in k for part in k.split() if part.isalpha()}
    return frozenset(single | double | _FUNCTIONS) - {
        "DATE",
        "TIME",
        "TIMESTAMP",
        "YEAR",
        "TEXT",
        "NAME",
        "ROWS",
        "ACTION",
        "COMMENT",
    }
