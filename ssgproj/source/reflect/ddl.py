"""Read CREATE statements that a database keeps as people wrote them: SQLite's, and parts of others'.

Whatever the quotes, comments and layout; nothing is understood that is not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<string>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
    |(?P<word>[^\W\d][\w$]*)
    |(?P<number>0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<space>\s+)
    |(?P<mark>.)
    """,
    re.DOTALL | re.VERBOSE,
)
_CLOSERS = {"`": "``", '"': '""', "'": "''"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL at `text[start:end]`. `kind` is string, quoted, word, number or mark."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """The word in upper case; empty for anything else, so that a quoted name is never a keyword."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def name(self) -> str:
        """What it names, without quotes."""
        if self.kind == "quoted" and self.text.startswith("["):
            return self.text[1:-1]
        if self.kind in ("quoted", "string"):
            return self.text[1:-1].replace(_CLOSERS[self.text[0]], self.text[0])
        return self.text


def tokens(sql: str) -> list[Token]:
    """The tokens of a statement, without comments and spaces."""
    found = []
    for match in _TOKEN.finditer(sql):
        kind = match.lastgroup or "mark"
        if kind not in ("comment", "space"):
            found.append(Token(kind, match[0], match.start(), match.end()))
    return found


def source(sql: str, part: Sequence[Token]) -> str:
    """The text that tokens stand for, as it was written but with every comment replaced by a space."""
    if not part:
        return ""
    text = sql[part[0].start : part[-1].end]
    return "".join(" " if m.lastgroup == "comment" else m[0] for m in _TOKEN.finditer(text)).strip()


def closing(part: Sequence[Token], opening: int) -> int:
    """The place of the `)` for the `(` at `opening`; the last token if there is none."""
    depth = 0
    for place in range(opening, len(part)):
        if part[place].text == "(":
            depth += 1
        elif part[place].text == ")":
            depth -= 1
            if depth == 0:
                return place
    return len(part) - 1


def split(part: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The parts between commas that are outside brackets."""
    depth, last = 0, 0
    for place, token in enumerate(part):
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
        elif token.text == "," and depth == 0:
            yield part[last:place]
            last = place + 1
    if part[last:]:
        yield part[last:]


def body(part: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """What stands in the first brackets, and what follows them."""
    for place, token in enumerate(part):
        if token.text == "(":
            end = closing(part, place)
            return part[place + 1 : end], part[end + 1 :]
    return (), ()
