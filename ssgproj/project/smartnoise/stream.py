"""The tokens of a query, read one after the other, and the problems met on the way."""

from __future__ import annotations

from ssgproj.project.smartnoise import tree
from ssgproj.project.smartnoise.lexer import T, Token, tokenize

FOREIGN_OPERATORS = {
    "LIKE",
    "ILIKE",
    "SIMILAR",
    "GLOB",
    "REGEXP",
    "RLIKE",
    "XOR",
    "ISNULL",
    "NOTNULL",
    "COLLATE",
    "DIV",
    "MATCH",
}
"""Words of other dialects that stand where an operator does."""
TYPED_LITERALS = {"DATE", "TIMESTAMP", "TIME", "INTERVAL", "N", "E", "X", "B", "U"}
"""Words right before a text that make it something else elsewhere: `DATE '...'`, `N'...'`."""


class StopReadingError(Exception):
    """Nothing after this can be read; the reason is among the problems."""


class Stream:
    """Where reading has got to. `stop` reports what stands here and gives up; `report` goes on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.i = 0
        self.problems: list[tree.Problem] = []

    @property
    def token(self) -> Token:
        return self.tokens[self.i]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.i + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        token = self.token
        if token.kind is not T.END:
            self.i += 1
        return token

    def is_word(self, *words: str) -> bool:
        return self.token.kind is T.WORD and self.token.upper in words

    def is_op(self, *operators: str) -> bool:
        return self.token.kind in (T.OPERATOR, T.BAD) and self.token.text in operators

    def accept_word(self, *words: str) -> Token | None:
        return self.next() if self.is_word(*words) else None

    def accept_op(self, operator: str) -> Token | None:
        return self.next() if self.is_op(operator) else None

    def expect_op(self, operator: str) -> None:
        if not self.accept_op(operator):
            self.stop()

    def last_end(self) -> int:
        return self.tokens[self.i - 1].end if self.i else 0

    def report(self, kind: str, start: int, end: int) -> tree.Unreadable:
        self.problems.append(tree.Problem(kind, self.text[start:end], start, end))
        return tree.Unreadable(start, end)

    def report_token(self, kind: str) -> None:
        self.report(kind, self.token.start, self.token.end)

    def stop(self, kind: str | None = None) -> None:
        """Report what stands here, by its own kind if none is given, and give up."""
        token = self.token
        if token.kind is T.OPEN:
            kind = "open-comment" if token.text == "/*" else "open-string"
        elif token.kind is T.BAD and kind is None:
            kind = "bad-character"
        elif kind is None:
            kind = self.cause()
        self.report(kind, token.start, max(token.end, token.start))
        raise StopReadingError

    def cause(self) -> str:
        """Why the token here cannot follow the one before it."""
        token, before = self.token, self.tokens[self.i - 1] if self.i else None
        close = before is not None and before.end == token.start
        if token.kind is T.END:
            return "unfinished"
        if before is not None and close and before.kind is T.NUMBER and token.kind in (T.WORD, T.NUMBER):
            return "number-form"
        if before is not None and before.kind is T.STRING and token.kind is T.STRING:
            return "doubled-quote" if close else "adjacent-strings"
        if token.kind is T.STRING and close and before is not None and before.upper in TYPED_LITERALS:
            return "prefixed-string"
        if token.kind is T.OPERATOR and token.text in ("::", "||", "^", "&", "|", "~"):
            return "operator"
        if token.kind is T.OPERATOR and token.text == "." and self.peek().kind is T.NUMBER:
            return "number-form"
        if token.upper in FOREIGN_OPERATORS:
            return "operator"
        return "syntax"

    def skip_brackets(self, kind: str, opening: Token) -> tree.Node:
        """Report everything up to the bracket that closes the one already read, and go on behind it."""
        depth = 1
        while depth:
            if self.token.kind is T.END:
                self.stop("unfinished")
            depth += {"(": 1, ")": -1}.get(self.token.text, 0)
            self.next()
        return self.report(kind, opening.start, self.last_end())
