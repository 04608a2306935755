"""SQL as text: where its strings, comments and words are, in any dialect.

Statistics are split, hashed and shown by place without being understood; this works on half-written files and on what no parser reads.
What counts as a string or a comment is taken from sqlglot's description of the dialect.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from ssgproj.diagnostics import Location


class Kind(Enum):
    """What a piece of SQL text is."""

    SPACE = "space"
    COMMENT = "comment"
    STRING = "string"
    QUOTED = "quoted identifier"
    WORD = "word"
    NUMBER = "number"
    PUNCTUATION = "punctuation"
    OPEN = "unterminated"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece, `text[start:end]`."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lexis:
    """How a dialect writes strings, quoted identifiers and comments. `escapes` are the characters that escape a quote."""

    quotes: tuple[tuple[str, str], ...]
    escapes: frozenset[str]
    identifiers: tuple[tuple[str, str], ...]
    line_comments: tuple[str, ...]
    nested_comments: bool
    dollar_quotes: bool
    backslash_prefixes: frozenset[str]


@lru_cache(maxsize=32)
def lexis(dialect: str) -> Lexis:
    """The lexis of one of sqlglot's dialects."""
    from sqlglot.dialects.dialect import Dialect

    tokenizer = Dialect.get_or_raise(dialect).tokenizer_class
    comments = [c for c in tokenizer.COMMENTS if isinstance(c, str)]
    prefixes = {q[0].lower() for q in getattr(tokenizer, "BYTE_STRINGS", []) if isinstance(q, tuple) for q in [q[0]]}
    return Lexis(
        quotes=tuple(sorted((_pair(q) for q in tokenizer.QUOTES), key=lambda p: -len(p[0]))),
        escapes=frozenset(tokenizer.STRING_ESCAPES),
        identifiers=tuple(_pair(q) for q in tokenizer.IDENTIFIERS),
        line_comments=tuple(comments) or ("--",),
        nested_comments=bool(tokenizer.NESTED_COMMENTS),
        dollar_quotes=bool(tokenizer.HEREDOC_STRINGS) or dialect == "snowflake",
        backslash_prefixes=frozenset(p for p in prefixes if p == "e"),
    )


def _pair(quote: str | tuple[str, str]) -> tuple[str, str]:
    return (quote, quote) if isinstance(quote, str) else quote


_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W\d][\w$]*")
_NUMBER = re.compile(r"(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_BLOCK_END = re.compile(r"/\*|\*/")


def scan(text: str, rules: Lexis, start: int = 0) -> Iterator[Piece]:
    """The pieces of `text` from `start`, without gaps. An unterminated string or comment is one `OPEN` piece to the end."""
    at = start
    while at < len(text):
        piece = _next(text, rules, at)
        yield piece
        at = piece.end


def _next(text: str, rules: Lexis, at: int) -> Piece:
    if match := _SPACE.match(text, at):
        return Piece(Kind.SPACE, at, match.end())
    for mark in rules.line_comments:
        if text.startswith(mark, at):
            end = text.find("\n", at)
            return Piece(Kind.COMMENT, at, len(text) if end < 0 else end)
    if text.startswith("/*", at):
        return _block_comment(text, at, nested=rules.nested_comments)
    for opening, closing in rules.quotes:
        if text.startswith(opening, at):
            return _quoted(text, at, opening, closing, rules.escapes, Kind.STRING)
    for opening, closing in rules.identifiers:
        if text.startswith(opening, at):
            return _quoted(text, at, opening, closing, frozenset(closing), Kind.QUOTED)
    if rules.dollar_quotes and (match := _DOLLAR.match(text, at)):
        end = text.find(match.group(), match.end())
        return Piece(Kind.STRING, at, end + len(match.group())) if end >= 0 else Piece(Kind.OPEN, at, len(text))
    if match := _WORD.match(text, at):
        if match.group().lower() in rules.backslash_prefixes and text.startswith("'", match.end()):
            body = _quoted(text, match.end(), "'", "'", rules.escapes | {"\\"}, Kind.STRING)
            return Piece(body.kind, at, body.end)
        return Piece(Kind.WORD, at, match.end())
    if match := _NUMBER.match(text, at):
        return Piece(Kind.NUMBER, at, match.end())
    return Piece(Kind.PUNCTUATION, at, at + 1)


def _block_comment(text: str, at: int, *, nested: bool) -> Piece:
    depth = 1
    for match in _BLOCK_END.finditer(text, at + 2):
        if match.group() == "*/":
            depth -= 1
        elif nested:
            depth += 1
        if depth == 0:
            return Piece(Kind.COMMENT, at, match.end())
    return Piece(Kind.OPEN, at, len(text))


def _quoted(text: str, at: int, opening: str, closing: str, escapes: frozenset[str], kind: Kind) -> Piece:
    here = at + len(opening)
    while here < len(text):
        if text[here] == "\\" and "\\" in escapes:
            here += 2
        elif text.startswith(closing, here):
            if closing in escapes and text.startswith(closing, here + len(closing)):
                here += 2 * len(closing)
            else:
                return Piece(kind, at, here + len(closing))
        else:
            here += 1
    return Piece(Kind.OPEN, at, len(text))


def words(text: str, rules: Lexis, start: int = 0) -> Iterator[Piece]:
    """The pieces that carry meaning: no spaces, no comments."""
    return (p for p in scan(text, rules, start) if p.kind not in (Kind.SPACE, Kind.COMMENT))


def meaning(text: str, rules: Lexis) -> str:
    """`text` without comments and layout, unquoted words in lower case: the same for any formatting of the same query."""
    parts = [
        text[p.start : p.end].lower() if p.kind is Kind.WORD else text[p.start : p.end] for p in words(text, rules)
    ]
    while parts and parts[-1] == ";":
        parts.pop()
    return " ".join(parts)


class Places:
    """Turns offsets into a file's text into `Location`s."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self._starts = [0, *(m.end() for m in re.finditer("\n", text))]

    def at(self, start: int, end: int | None = None) -> Location:
        """The place of `text[start:end]`; the end column is the one after the last character."""
        line, column = self.line_column(start)
        if end is None:
            return Location(self.path, line, column)
        return Location(self.path, line, column, *self.line_column(max(start, end)))

    def line_column(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
