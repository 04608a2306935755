"""Text → `Query`. Recursive descent over a grammar somewhat wider than SmartNoise's: what it cannot read becomes a `Problem` with a kind
of its own wherever the cause can be told, and parsing goes on behind it where that is safe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ssgproj.project.smartnoise import names, tree
from ssgproj.project.smartnoise.lexer import T, Token, tokenize

_MAX_DEPTH = 60
_MAX_CHAIN = 200
"""Operators of one level in a row. SmartNoise nests them, and fails on a few hundred."""
_CAST_TYPES = {"INTEGER", "FLOAT", "BOOLEAN", "TIMESTAMP", "DATE", "TIME", "VARCHAR", "NVARCHAR", "CHAR", "NCHAR"}
_COMPARISONS = {"=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>", "!>", "!<"}
_CLAUSES = ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT")
_SET_OPERATIONS = {"UNION", "INTERSECT", "EXCEPT", "MINUS"}
_JOINS = {"JOIN", "INNER", "CROSS", "LEFT", "RIGHT", "FULL", "NATURAL", "SEMI", "ANTI", "ASOF", "POSITIONAL", "LATERAL"}
_FOREIGN_OPERATORS = {
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
_TYPED_LITERALS = {"DATE", "TIMESTAMP", "TIME", "INTERVAL", "N", "E", "X", "B", "U"}


class _StopError(Exception):
    """Nothing after this can be read."""


def parse(text: str) -> tree.Query:
    """Read the final SELECT of a statistic as SmartNoise would."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.i = 0
        self.depth = 0
        self.problems: list[tree.Problem] = []

    # -- tokens ----------------------------------------------------------------------------------------------------------------

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
        raise _StopError

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
        if token.kind is T.STRING and close and before is not None and before.upper in _TYPED_LITERALS:
            return "prefixed-string"
        if token.kind is T.OPERATOR and token.text in ("::", "||", "^", "&", "|", "~"):
            return "operator"
        if token.kind is T.OPERATOR and token.text == "." and self.peek().kind is T.NUMBER:
            return "number-form"
        if token.upper in _FOREIGN_OPERATORS:
            return "operator"
        return "syntax"

    # -- statement -------------------------------------------------------------------------------------------------------------

    def query(self) -> tree.Query:
        parts: dict[str, Any] = {}
        try:
            self.statement(parts)
        except _StopError:
            pass
        except RecursionError:
            self.report("too-deep", 0, len(self.text))
        return tree.Query(self.text, problems=tuple(self.problems), **parts)

    def statement(self, parts: dict[str, Any]) -> None:
        if self.token.kind is T.END:
            self.stop("no-select")
        if not self.is_word("SELECT"):
            self.not_select()
        self.next()
        start = self.token
        if quantifier := self.accept_word("DISTINCT", "ALL"):
            parts["quantifier"], parts["quantifier_place"] = quantifier.upper, (quantifier.start, quantifier.end)
            if self.is_word("ON"):
                self.stop("distinct-on")
        elif self.is_word("TOP"):
            self.next()
            self.report("top", start.start, self.token.end)
            if self.token.kind is T.NUMBER or self.is_op("("):
                self.next()
        parts["outputs"] = self.outputs()
        if self.is_word("INTO"):
            self.stop("into")
        if not self.accept_word("FROM"):
            self.stop("no-from" if self.token.kind is T.END or self.is_op(";") else None)
        parts["table"] = self.relation()
        self.clauses(parts)
        self.end()

    def not_select(self) -> None:
        word = self.token.upper
        if word == "WITH":
            self.stop("with")
        if word == "FROM":
            self.stop("from-first")
        if self.token.kind is T.BAD and self.token.text.startswith("/*"):
            self.stop("hint-comment")
        if self.token.kind is T.BAD or self.token.kind is T.OPEN:
            self.stop("bad-character")
        self.stop("brackets" if self.is_op("(") else "not-select")

    def outputs(self) -> tuple[tree.Output, ...]:
        found: list[tree.Output] = []
        while True:
            if self.is_word("FROM"):
                self.report_token("trailing-comma" if found else "no-output")
                return tuple(found)
            found.append(self.output())
            if not self.accept_op(","):
                return tuple(found)

    def output(self) -> tree.Output:
        value = self.expression()
        alias, start, end = None, value.end, value.end
        if self.accept_word("AS"):
            alias, start, end = self.alias()
        elif self.token.kind in (T.WORD, T.QUOTED) and not self.is_word("FROM", "INTO") and not self.glued():
            token = self.token
            if token.upper in _FOREIGN_OPERATORS or token.upper in names.RESERVED:
                self.stop()
            self.report("no-as", token.start, token.end)
            alias, start, end = self.alias()
        return tree.Output(value.start, max(value.end, end), value, alias, start, end)

    def glued(self) -> bool:
        """A word right behind a number, `1n` or `1e5`: not an alias that lacks its AS."""
        before = self.tokens[self.i - 1]
        return before.kind is T.NUMBER and before.end == self.token.start

    def alias(self) -> tuple[str, int, int]:
        token = self.token
        if token.kind is T.STRING:
            self.report_token("string-alias")
        elif token.kind not in (T.WORD, T.QUOTED):
            self.stop("bad-alias" if token.kind is not T.BAD else None)
        elif len(token.parts) > 1:
            self.report_token("dotted-alias")
        elif token.kind is T.WORD and token.upper in names.RESERVED:
            self.report_token("reserved")
        self.next()
        return token.text, token.start, token.end

    def relation(self) -> tree.Table | None:
        start = self.token.start
        opened = 0
        while self.accept_op("("):
            opened += 1
            if self.is_word("SELECT", "VALUES", "WITH", "FROM", "TABLE"):
                self.stop("from-subquery")
        if self.is_word("LATERAL", "UNNEST", "VALUES"):
            self.stop("table-function")
        token = self.token
        if token.kind not in (T.WORD, T.QUOTED):
            self.stop("no-table" if token.kind is not T.BAD else None)
        if token.kind is T.WORD and len(token.parts) == 1 and token.upper in names.RESERVED:
            self.stop("no-table")
        self.next()
        if self.is_op("("):
            self.stop("table-function")
        alias = self.table_alias()
        for _ in range(opened):
            if self.is_word(*_JOINS) or self.is_op(","):
                self.stop("join")
            self.expect_op(")")
            alias = self.table_alias() or alias
        if self.is_op(",") or self.is_word(*_JOINS):
            self.stop("join")
        return tree.Table(start, token.end, token.text, alias, token.kind is T.QUOTED)

    def table_alias(self) -> str | None:
        if self.accept_word("AS"):
            return self.alias()[0]
        token = self.token
        plain = token.kind in (T.WORD, T.QUOTED) and token.upper not in names.RESERVED
        if plain and token.upper not in _JOINS | _SET_OPERATIONS | _STATEMENT_WORDS:
            self.report("no-as", token.start, token.end)
            return self.alias()[0]
        return None

    def clauses(self, parts: dict[str, Any]) -> None:
        readers: dict[str, Callable[[], object]] = {
            "WHERE": self.where, "GROUP": self.group, "HAVING": self.where, "ORDER": self.order, "LIMIT": self.limit,
        }  # fmt: skip
        done = -1
        while self.is_word(*_CLAUSES):
            word = self.token.upper
            position = _CLAUSES.index(word)
            if position <= done:
                self.stop("clause-order")
            done = position
            parts[word.lower()] = readers[word]()

    def where(self) -> tree.Node:
        self.next()
        return self.expression()

    def group(self) -> tuple[tree.Node, ...]:
        self.next()
        if not self.accept_word("BY"):
            self.stop()
        if self.is_word("ALL"):
            self.stop("grouping-sets")
        if self.is_word("GROUPING", "ROLLUP", "CUBE") and (self.peek().text == "(" or self.peek().upper == "SETS"):
            self.stop("grouping-sets")
        if self.is_op("(") and self.peek().text == ")":
            self.stop("grouping-sets")
        keys = [self.expression()]
        while self.accept_op(","):
            keys.append(self.expression())
        if self.is_word("WITH"):
            self.stop("grouping-sets")
        return tuple(keys)

    def order(self) -> tuple[tree.SortKey, ...]:
        self.next()
        if not self.accept_word("BY"):
            self.stop()
        keys = []
        while True:
            value = self.expression()
            direction = self.accept_word("ASC", "DESC")
            keys.append(
                tree.SortKey(value.start, self.last_end(), value, direction is not None and direction.upper == "DESC")
            )
            if self.is_word("NULLS"):
                self.stop("nulls-order")
            if not self.accept_op(","):
                return tuple(keys)

    def limit(self) -> tree.Number | None:
        self.next()
        start = self.token.start
        if self.is_op("-"):
            self.next()
        if self.token.kind is not T.NUMBER:
            self.stop("limit")
        token = self.next()
        number = tree.Number(start, token.end, self.text[start : token.end])
        if self.is_op(",", "+", "-", "*", "/", "%") or self.is_word("PERCENT", "OFFSET", "WITH"):
            self.stop("offset" if self.is_op(",") or self.is_word("OFFSET") else "limit")
        return number

    def end(self) -> None:
        if self.accept_op(";") and self.token.kind is not T.END:
            self.stop("extra-semicolon" if self.is_op(";") else "two-statements")
        if self.token.kind is T.END:
            return
        word = self.token.upper
        if word in _SET_OPERATIONS:
            self.stop("set-operation")
        if word in _STATEMENT_WORDS:
            self.stop("clause")
        if word in _JOINS:
            self.stop("join")
        self.stop()

    # -- expressions -----------------------------------------------------------------------------------------------------------

    def expression(self) -> tree.Node:
        """OR, the loosest. Values and conditions share one grammar; the rules say where each may stand."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            self.stop("too-deep")
        node = self.chain("OR", self.conjunction)
        self.depth -= 1
        return node

    def conjunction(self) -> tree.Node:
        return self.chain("AND", self.negation)

    def chain(self, word: str, operand: Callable[[], tree.Node]) -> tree.Node:
        operands = [operand()]
        while self.accept_word(word):
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]
        return tree.Logical(operands[0].start, operands[-1].end, word, tuple(operands))

    def negation(self) -> tree.Node:
        if token := self.accept_word("NOT"):
            inner = self.negation()
            return tree.Not(token.start, inner.end, inner)
        return self.comparison()

    def comparison(self) -> tree.Node:
        left = self.sum()
        for _ in range(_MAX_CHAIN):
            if self.token.kind is T.OPERATOR and self.token.text in _COMPARISONS:
                op = self.next()
                if self.is_word("ALL", "ANY", "SOME") and self.peek().text == "(":
                    self.stop("subquery")
                right = self.sum()
                left = tree.Compare(left.start, right.end, left, op.text, right)
                continue
            negated = self.is_word("NOT") and self.peek().kind is T.WORD
            word = self.peek().upper if negated else (self.token.upper if self.token.kind is T.WORD else "")
            if word in _FOREIGN_OPERATORS:
                self.stop("operator")
            if word not in ("BETWEEN", "IN", "IS"):
                return left
            if negated:
                self.next()
            left = getattr(self, word.lower() + "_")(left, negated)
        self.stop("too-deep")
        raise _StopError

    def between_(self, left: tree.Node, negated: bool) -> tree.Node:
        self.next()
        if self.is_word("SYMMETRIC", "ASYMMETRIC"):
            self.stop("operator")
        lower = self.sum()
        if not self.accept_word("AND"):
            self.stop()
        upper = self.sum()
        return tree.Between(left.start, upper.end, left, lower, upper, negated)

    def in_(self, left: tree.Node, negated: bool) -> tree.Node:
        self.next()
        if not self.accept_op("("):
            self.stop()
        if self.is_word("SELECT", "WITH", "VALUES"):
            self.stop("subquery")
        if self.is_op(")"):
            self.stop("empty-in")
        items = [self.expression()]
        while self.accept_op(","):
            items.append(self.expression())
        self.expect_op(")")
        return tree.In(left.start, self.last_end(), left, tuple(items), negated)

    def is_(self, left: tree.Node, negated: bool) -> tree.Node:
        self.next()
        negated = bool(self.accept_word("NOT"))
        word = self.accept_word("NULL", "TRUE", "FALSE")
        if word is None:
            self.stop("operator")
            raise _StopError
        return tree.Is(left.start, word.end, left, word.upper, negated)

    def sum(self) -> tree.Node:
        return self.binary(("+", "-"), lambda: self.binary(("*", "/", "%"), self.unary))

    def binary(self, operators: tuple[str, ...], operand: Callable[[], tree.Node]) -> tree.Node:
        left = operand()
        chain = 0
        while self.token.kind is T.OPERATOR and self.token.text in operators:
            chain += 1
            if chain > _MAX_CHAIN:
                self.stop("too-deep")
            op = self.next()
            right = operand()
            left = tree.Arithmetic(left.start, right.end, left, op.text, right)
        if self.token.kind is T.OPERATOR and self.token.text in ("||", "^", "&", "|", "~", "::"):
            self.stop("operator")
        return left

    def unary(self) -> tree.Node:
        if self.is_op("-"):
            sign = self.next()
            if self.token.kind is T.NUMBER:
                if self.token.start != sign.end:
                    self.report("spaced-minus", sign.start, self.token.end)
                number = self.next()
                if self.glued_number():
                    self.stop("number-form")
                return tree.Number(sign.start, number.end, "-" + number.text)
            self.report("unary-minus", sign.start, sign.end)
            return self.unary()
        if self.is_op("+"):
            self.report_token("unary-minus")
            self.next()
            return self.unary()
        return self.primary()

    def glued_number(self) -> bool:
        before = self.tokens[self.i - 1]
        return self.token.kind in (T.WORD, T.NUMBER) and self.token.start == before.end

    def primary(self) -> tree.Node:
        token = self.token
        if token.kind is T.NUMBER:
            self.next()
            if self.glued_number():
                self.stop("number-form")
            return tree.Number(token.start, token.end, token.text)
        if token.kind is T.STRING:
            self.next()
            if self.token.kind is T.STRING:
                self.stop("doubled-quote" if self.token.start == token.end else "adjacent-strings")
            return tree.Text(token.start, token.end, token.text)
        if self.is_op("("):
            return self.bracketed()
        if star := self.accept_op("*"):
            return tree.Star(star.start, star.end)
        if token.kind is T.QUOTED:
            return self.name()
        if token.kind is T.WORD:
            return self.word()
        self.stop("number-form" if self.is_op(".") else None)
        raise _StopError

    def bracketed(self) -> tree.Node:
        opening = self.next()
        if self.is_word("SELECT", "WITH", "VALUES"):
            return self.skip_brackets("subquery", opening)
        inner = self.expression()
        if self.is_op(","):
            self.stop("tuple")
        self.expect_op(")")
        return tree.Brackets(opening.start, self.last_end(), inner)

    def skip_brackets(self, kind: str, opening: Token) -> tree.Node:
        """Report everything up to the bracket that closes the one already read, and go on behind it."""
        depth = 1
        while depth:
            if self.token.kind is T.END:
                self.stop("unfinished")
            depth += {"(": 1, ")": -1}.get(self.token.text, 0)
            self.next()
        return self.report(kind, opening.start, self.last_end())

    def word(self) -> tree.Node:
        token = self.token
        if len(token.parts) > 1:
            return self.name()
        upper = token.upper
        follows = self.peek()
        if upper in ("TRUE", "FALSE"):
            self.next()
            return tree.Boolean(token.start, token.end, upper == "TRUE")
        if upper == "NULL":
            self.next()
            return tree.Null(token.start, token.end)
        if upper == "CASE":
            return self.case()
        if follows.text == "(" and follows.kind is T.OPERATOR:
            return self.call()
        if upper in names.CURRENT:
            self.next()
            if token.text != upper:
                self.report("lower-case-current", token.start, token.end)
            return tree.Function(token.start, token.end, upper, ())
        if upper in ("SELECT", "EXISTS"):
            self.stop("subquery")
        if follows.kind is T.STRING and upper in _TYPED_LITERALS | {"DATETIME", "DECIMAL", "NUMERIC"}:
            self.next()
            self.stop("prefixed-string" if follows.start == token.end else "typed-literal")
        if upper in names.RESERVED:
            return self.reserved(token)
        return self.name()

    def reserved(self, token: Token) -> tree.Node:
        if token.upper in (
            "FROM",
            "WHERE",
            "GROUP",
            "HAVING",
            "ORDER",
            "LIMIT",
            "AS",
            "THEN",
            "ELSE",
            "END",
            "WHEN",
            "AND",
            "OR",
        ):
            self.stop()
        self.next()
        return self.report("reserved", token.start, token.end)

    def name(self) -> tree.Node:
        token = self.next()
        if self.is_op(".") and self.peek().text == "*":
            self.next()
            star = self.next()
            return tree.Star(token.start, star.end, token.text)
        if self.is_op("."):
            self.stop("spaced-dot")
        *qualifier, name = token.parts
        if len(qualifier) > 1:
            self.report("dotted-column", token.start, token.end)
        return tree.Column(token.start, token.end, name, ".".join(qualifier) or None, token.kind is T.QUOTED)

    def case(self) -> tree.Node:
        start = self.next()
        operand = None if self.is_word("WHEN") else self.expression()
        whens = []
        while self.accept_word("WHEN"):
            condition = self.expression()
            if not self.accept_word("THEN"):
                self.stop()
            whens.append((condition, self.expression()))
        if not whens:
            self.stop()
        otherwise = self.expression() if self.accept_word("ELSE") else None
        if not self.accept_word("END"):
            self.stop()
        return tree.Case(start.start, self.last_end(), operand, tuple(whens), otherwise)

    def call(self) -> tree.Node:
        token = self.next()
        opening = self.next()
        upper = token.upper
        known = names.AGGREGATES | names.DEAD_AGGREGATES | names.OTHER_AGGREGATES
        if upper == "EXISTS":
            return self.skip_brackets("subquery", token)
        if upper in ("CAST", "TRY_CAST", "SAFE_CAST"):
            node: tree.Node = self.cast(token)
        elif upper in known:
            node = self.aggregate(token)
        elif upper in names.RANKING:
            self.skip_brackets("window", token)
            self.problems.pop()
            node = tree.Unreadable(token.start, self.last_end())
        elif upper not in names.GRAMMAR_FUNCTIONS:
            self.skip_brackets("function", opening)
            self.problems.pop()
            node = self.report("function", token.start, self.last_end())
        else:
            node = self.function(token)
        return self.after_call(node)

    def after_call(self, node: tree.Node) -> tree.Node:
        """OVER, FILTER, WITHIN GROUP and the like make another thing of a call."""
        ranking = isinstance(node, tree.Unreadable) and not self.problems_at(node)
        if self.is_word("OVER", "FILTER", "WITHIN", "IGNORE", "RESPECT"):
            kind = "filter" if self.is_word("FILTER") else "window" if self.is_word("OVER") else "within-group"
            while self.token.kind is not T.END and not self.is_op("("):
                self.next()
            opening = self.next()
            self.skip_brackets(kind, opening)
            self.problems.pop()
            return self.report(kind, node.start, self.last_end())
        if ranking:
            return self.report("window", node.start, node.end)
        return node

    def problems_at(self, node: tree.Node) -> bool:
        return any(p.start <= node.start and p.end >= node.end for p in self.problems)

    def cast(self, token: Token) -> tree.Node:
        inner = self.expression()
        if not self.accept_word("AS"):
            self.stop()
        start = self.token.start
        if self.token.kind is not T.WORD:
            self.stop()
        name = self.next().upper
        if self.is_op("("):
            self.skip_brackets("cast-type", self.next())
            self.problems.pop()
        while self.token.kind is T.WORD:
            self.next()
        type_ = self.text[start : self.last_end()].upper()
        self.expect_op(")")
        if name not in _CAST_TYPES or ("(" in type_ and name in ("VARCHAR", "NVARCHAR")) or token.upper != "CAST":
            return self.report("cast-type", token.start, self.last_end())
        return tree.Cast(token.start, self.last_end(), inner, type_)

    def aggregate(self, token: Token) -> tree.Node:
        quantifier = ""
        if self.is_word("DISTINCT", "ALL"):
            quantifier = self.next().upper
        elif self.is_word("TOP"):
            self.stop("top")
        args: list[tree.Node] = []
        while not self.is_op(")"):
            args.append(self.expression())
            if self.is_word("ORDER", "SEPARATOR", "RESPECT", "IGNORE"):
                while not self.is_op(")") and self.token.kind is not T.END:
                    self.next()
            if not self.accept_op(","):
                break
        self.expect_op(")")
        end = self.last_end()
        if token.upper in names.OTHER_AGGREGATES:
            return self.report("aggregate", token.start, end)
        if len(args) != 1:
            self.report("aggregate-arguments", token.start, end)
        return tree.Aggregate(token.start, end, token.upper, quantifier, tuple(args))

    def function(self, token: Token) -> tree.Node:
        args: list[tree.Node] = []
        form = ""
        if token.upper == "EXTRACT":
            form = self.next().upper
            if not self.accept_word("FROM"):
                self.stop("function-form")
        while not self.is_op(")"):
            args.append(self.sum() if token.upper == "POSITION" else self.expression())
            if word := self.accept_word("FROM", "FOR", "IN"):
                form += word.upper
            elif not self.accept_op(","):
                break
        if not self.is_op(")"):
            self.stop("function-form" if self.token.kind is T.WORD else None)
        self.next()
        return tree.Function(token.start, self.last_end(), token.upper, tuple(args), form)


_STATEMENT_WORDS = {
    "OFFSET", "FETCH", "FOR", "WINDOW", "QUALIFY", "TABLESAMPLE", "SAMPLE", "PIVOT", "UNPIVOT", "SORT", "CLUSTER", "DISTRIBUTE",
    "PREWHERE", "CONNECT", "START", "OPTION", "LOCK", "INTO", "USING", "ON", "TABLE", "SETTINGS", "FORMAT", "WITH", "UNION",
    "AT", "FINAL", "MATCH_RECOGNIZE", "GROUP", "ORDER",
}  # fmt: skip
