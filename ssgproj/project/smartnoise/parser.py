"""Text → `Query`. Recursive descent over a grammar somewhat wider than SmartNoise's: what it cannot read becomes a `Problem` with a kind
of its own wherever the cause can be told, and parsing goes on behind it where that is safe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ssgproj.project.smartnoise import names, tree
from ssgproj.project.smartnoise.expressions import Expressions
from ssgproj.project.smartnoise.lexer import T
from ssgproj.project.smartnoise.stream import FOREIGN_OPERATORS, StopReadingError, Stream

_CLAUSES = ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT")
_SET_OPERATIONS = {"UNION", "INTERSECT", "EXCEPT", "MINUS"}
_JOINS = {"JOIN", "INNER", "CROSS", "LEFT", "RIGHT", "FULL", "NATURAL", "SEMI", "ANTI", "ASOF", "POSITIONAL", "LATERAL"}
_STATEMENT_WORDS = {
    "OFFSET", "FETCH", "FOR", "WINDOW", "QUALIFY", "TABLESAMPLE", "SAMPLE", "PIVOT", "UNPIVOT", "SORT", "CLUSTER", "DISTRIBUTE",
    "PREWHERE", "CONNECT", "START", "OPTION", "LOCK", "INTO", "USING", "ON", "TABLE", "SETTINGS", "FORMAT", "WITH", "UNION",
    "AT", "FINAL", "MATCH_RECOGNIZE", "GROUP", "ORDER",
}  # fmt: skip


def parse(text: str) -> tree.Query:
    """Read the final SELECT of a statistic as SmartNoise would."""
    return _Statement(Stream(text)).query()


class _Statement:
    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.expressions = Expressions(stream)

    def query(self) -> tree.Query:
        parts: dict[str, Any] = {}
        try:
            self.statement(parts)
        except StopReadingError:
            pass
        except RecursionError:
            self.stream.report("too-deep", 0, len(self.stream.text))
        return tree.Query(self.stream.text, problems=tuple(self.stream.problems), **parts)

    def statement(self, parts: dict[str, Any]) -> None:
        if self.stream.token.kind is T.END:
            self.stream.stop("no-select")
        if not self.stream.is_word("SELECT"):
            self.not_select()
        self.stream.next()
        start = self.stream.token
        if quantifier := self.stream.accept_word("DISTINCT", "ALL"):
            parts["quantifier"], parts["quantifier_place"] = quantifier.upper, (quantifier.start, quantifier.end)
            if self.stream.is_word("ON"):
                self.stream.stop("distinct-on")
        elif self.stream.is_word("TOP"):
            self.stream.next()
            self.stream.report("top", start.start, self.stream.token.end)
            if self.stream.token.kind is T.NUMBER or self.stream.is_op("("):
                self.stream.next()
        parts["outputs"] = self.outputs()
        if self.stream.is_word("INTO"):
            self.stream.stop("into")
        if not self.stream.accept_word("FROM"):
            self.stream.stop("no-from" if self.stream.token.kind is T.END or self.stream.is_op(";") else None)
        parts["table"] = self.relation()
        self.clauses(parts)
        self.end()

    def not_select(self) -> None:
        word = self.stream.token.upper
        if word == "WITH":
            self.stream.stop("with")
        if word == "FROM":
            self.stream.stop("from-first")
        if self.stream.token.kind is T.BAD and self.stream.token.text.startswith("/*"):
            self.stream.stop("hint-comment")
        if self.stream.token.kind is T.BAD or self.stream.token.kind is T.OPEN:
            self.stream.stop("bad-character")
        self.stream.stop("brackets" if self.stream.is_op("(") else "not-select")

    def outputs(self) -> tuple[tree.Output, ...]:
        found: list[tree.Output] = []
        while True:
            if self.stream.is_word("FROM"):
                self.stream.report_token("trailing-comma" if found else "no-output")
                return tuple(found)
            found.append(self.output())
            if not self.stream.accept_op(","):
                return tuple(found)

    def output(self) -> tree.Output:
        value = self.expressions.expression()
        alias, start, end = None, value.end, value.end
        if self.stream.accept_word("AS"):
            alias, start, end = self.alias()
        elif (
            self.stream.token.kind in (T.WORD, T.QUOTED)
            and not self.stream.is_word("FROM", "INTO")
            and not self.glued()
        ):
            token = self.stream.token
            if token.upper in FOREIGN_OPERATORS or token.upper in names.RESERVED:
                self.stream.stop()
            self.stream.report("no-as", token.start, token.end)
            alias, start, end = self.alias()
        return tree.Output(value.start, max(value.end, end), value, alias, start, end)

    def glued(self) -> bool:
        """A word right behind a number, `1n` or `1e5`: not an alias that lacks its AS."""
        before = self.stream.tokens[self.stream.i - 1]
        return before.kind is T.NUMBER and before.end == self.stream.token.start

    def alias(self) -> tuple[str, int, int]:
        token = self.stream.token
        if token.kind is T.STRING:
            self.stream.report_token("string-alias")
        elif token.kind not in (T.WORD, T.QUOTED):
            self.stream.stop("bad-alias" if token.kind is not T.BAD else None)
        elif len(token.parts) > 1:
            self.stream.report_token("dotted-alias")
        elif token.kind is T.WORD and token.upper in names.RESERVED:
            self.stream.report_token("reserved")
        self.stream.next()
        return token.text, token.start, token.end

    def relation(self) -> tree.Table | None:
        start = self.stream.token.start
        opened = 0
        while self.stream.accept_op("("):
            opened += 1
            if self.stream.is_word("SELECT", "VALUES", "WITH", "FROM", "TABLE"):
                self.stream.stop("from-subquery")
        if self.stream.is_word("LATERAL", "UNNEST", "VALUES"):
            self.stream.stop("table-function")
        token = self.stream.token
        if token.kind not in (T.WORD, T.QUOTED):
            self.stream.stop("no-table" if token.kind is not T.BAD else None)
        if token.kind is T.WORD and len(token.parts) == 1 and token.upper in names.RESERVED:
            self.stream.stop("no-table")
        self.stream.next()
        if self.stream.is_op("("):
            self.stream.stop("table-function")
        alias = self.table_alias()
        for _ in range(opened):
            if self.stream.is_word(*_JOINS) or self.stream.is_op(","):
                self.stream.stop("join")
            self.stream.expect_op(")")
            alias = self.table_alias() or alias
        if self.stream.is_op(",") or self.stream.is_word(*_JOINS):
            self.stream.stop("join")
        return tree.Table(start, token.end, token.text, alias, token.kind is T.QUOTED)

    def table_alias(self) -> str | None:
        if self.stream.accept_word("AS"):
            return self.alias()[0]
        token = self.stream.token
        plain = token.kind in (T.WORD, T.QUOTED) and token.upper not in names.RESERVED
        if plain and token.upper not in _JOINS | _SET_OPERATIONS | _STATEMENT_WORDS:
            self.stream.report("no-as", token.start, token.end)
            return self.alias()[0]
        return None

    def clauses(self, parts: dict[str, Any]) -> None:
        readers: dict[str, Callable[[], object]] = {
            "WHERE": self.where, "GROUP": self.group, "HAVING": self.where, "ORDER": self.order, "LIMIT": self.limit,
        }  # fmt: skip
        done = -1
        while self.stream.is_word(*_CLAUSES):
            word = self.stream.token.upper
            position = _CLAUSES.index(word)
            if position <= done:
                self.stream.stop("clause-order")
            done = position
            parts[word.lower()] = readers[word]()

    def where(self) -> tree.Node:
        self.stream.next()
        return self.expressions.expression()

    def group(self) -> tuple[tree.Node, ...]:
        self.stream.next()
        if not self.stream.accept_word("BY"):
            self.stream.stop()
        if self.stream.is_word("ALL"):
            self.stream.stop("grouping-sets")
        if self.stream.is_word("GROUPING", "ROLLUP", "CUBE") and (
            self.stream.peek().text == "(" or self.stream.peek().upper == "SETS"
        ):
            self.stream.stop("grouping-sets")
        if self.stream.is_op("(") and self.stream.peek().text == ")":
            self.stream.stop("grouping-sets")
        keys = [self.expressions.expression()]
        while self.stream.accept_op(","):
            keys.append(self.expressions.expression())
        if self.stream.is_word("WITH"):
            self.stream.stop("grouping-sets")
        return tuple(keys)

    def order(self) -> tuple[tree.SortKey, ...]:
        self.stream.next()
        if not self.stream.accept_word("BY"):
            self.stream.stop()
        keys = []
        while True:
            value = self.expressions.expression()
            direction = self.stream.accept_word("ASC", "DESC")
            keys.append(
                tree.SortKey(
                    value.start, self.stream.last_end(), value, direction is not None and direction.upper == "DESC"
                )
            )
            if self.stream.is_word("NULLS"):
                self.stream.stop("nulls-order")
            if not self.stream.accept_op(","):
                return tuple(keys)

    def limit(self) -> tree.Number | None:
        self.stream.next()
        start = self.stream.token.start
        if self.stream.is_op("-"):
            self.stream.next()
        if self.stream.token.kind is not T.NUMBER:
            self.stream.stop("limit")
        token = self.stream.next()
        number = tree.Number(start, token.end, self.stream.text[start : token.end])
        if self.stream.is_op(",", "+", "-", "*", "/", "%") or self.stream.is_word("PERCENT", "OFFSET", "WITH"):
            self.stream.stop("offset" if self.stream.is_op(",") or self.stream.is_word("OFFSET") else "limit")
        return number

    def end(self) -> None:
        if self.stream.accept_op(";") and self.stream.token.kind is not T.END:
            self.stream.stop("extra-semicolon" if self.stream.is_op(";") else "two-statements")
        if self.stream.token.kind is T.END:
            return
        word = self.stream.token.upper
        if word in _SET_OPERATIONS:
            self.stream.stop("set-operation")
        if word in _STATEMENT_WORDS:
            self.stream.stop("clause")
        if word in _JOINS:
            self.stream.stop("join")
        self.stream.stop()
