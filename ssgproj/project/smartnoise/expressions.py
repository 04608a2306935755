"""Values and conditions: one grammar for both, somewhat wider than SmartNoise's. The rules say where each may stand."""

from __future__ import annotations

from collections.abc import Callable

from ssgproj.project.smartnoise import names, tree
from ssgproj.project.smartnoise.lexer import T, Token
from ssgproj.project.smartnoise.stream import FOREIGN_OPERATORS, TYPED_LITERALS, StopReadingError, Stream

_MAX_DEPTH = 60
_MAX_CHAIN = 200
"""Operators of one level in a row. SmartNoise nests them, and fails on a few hundred."""
_CAST_TYPES = {"INTEGER", "FLOAT", "BOOLEAN", "TIMESTAMP", "DATE", "TIME", "VARCHAR", "NVARCHAR", "CHAR", "NCHAR"}
_COMPARISONS = {"=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>", "!>", "!<"}


class Expressions:
    """Reads expressions from a stream."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.depth = 0

    def expression(self) -> tree.Node:
        """OR, the loosest. Values and conditions share one grammar; the rules say where each may stand."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            self.stream.stop("too-deep")
        node = self.chain("OR", self.conjunction)
        self.depth -= 1
        return node

    def conjunction(self) -> tree.Node:
        return self.chain("AND", self.negation)

    def chain(self, word: str, operand: Callable[[], tree.Node]) -> tree.Node:
        operands = [operand()]
        while self.stream.accept_word(word):
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]
        return tree.Logical(operands[0].start, operands[-1].end, word, tuple(operands))

    def negation(self) -> tree.Node:
        if token := self.stream.accept_word("NOT"):
            inner = self.negation()
            return tree.Not(token.start, inner.end, inner)
        return self.comparison()

    def comparison(self) -> tree.Node:
        left = self.sum()
        for _ in range(_MAX_CHAIN):
            if self.stream.token.kind is T.OPERATOR and self.stream.token.text in _COMPARISONS:
                op = self.stream.next()
                if self.stream.is_word("ALL", "ANY", "SOME") and self.stream.peek().text == "(":
                    self.stream.stop("subquery")
                right = self.sum()
                left = tree.Compare(left.start, right.end, left, op.text, right)
                continue
            negated = self.stream.is_word("NOT") and self.stream.peek().kind is T.WORD
            word = (
                self.stream.peek().upper
                if negated
                else (self.stream.token.upper if self.stream.token.kind is T.WORD else "")
            )
            if word in FOREIGN_OPERATORS:
                self.stream.stop("operator")
            if word not in ("BETWEEN", "IN", "IS"):
                return left
            if negated:
                self.stream.next()
            left = getattr(self, word.lower() + "_")(left, negated)
        self.stream.stop("too-deep")
        raise StopReadingError

    def between_(self, left: tree.Node, negated: bool) -> tree.Node:
        self.stream.next()
        if self.stream.is_word("SYMMETRIC", "ASYMMETRIC"):
            self.stream.stop("operator")
        lower = self.sum()
        if not self.stream.accept_word("AND"):
            self.stream.stop()
        upper = self.sum()
        return tree.Between(left.start, upper.end, left, lower, upper, negated)

    def in_(self, left: tree.Node, negated: bool) -> tree.Node:
        self.stream.next()
        if not self.stream.accept_op("("):
            self.stream.stop()
        if self.stream.is_word("SELECT", "WITH", "VALUES"):
            self.stream.stop("subquery")
        if self.stream.is_op(")"):
            self.stream.stop("empty-in")
        items = [self.expression()]
        while self.stream.accept_op(","):
            items.append(self.expression())
        self.stream.expect_op(")")
        return tree.In(left.start, self.stream.last_end(), left, tuple(items), negated)

    def is_(self, left: tree.Node, negated: bool) -> tree.Node:
        self.stream.next()
        negated = bool(self.stream.accept_word("NOT"))
        word = self.stream.accept_word("NULL", "TRUE", "FALSE")
        if word is None:
            self.stream.stop("operator")
            raise StopReadingError
        return tree.Is(left.start, word.end, left, word.upper, negated)

    def sum(self) -> tree.Node:
        return self.binary(("+", "-"), lambda: self.binary(("*", "/", "%"), self.unary))

    def binary(self, operators: tuple[str, ...], operand: Callable[[], tree.Node]) -> tree.Node:
        left = operand()
        chain = 0
        while self.stream.token.kind is T.OPERATOR and self.stream.token.text in operators:
            chain += 1
            if chain > _MAX_CHAIN:
                self.stream.stop("too-deep")
            op = self.stream.next()
            right = operand()
            left = tree.Arithmetic(left.start, right.end, left, op.text, right)
        if self.stream.token.kind is T.OPERATOR and self.stream.token.text in ("||", "^", "&", "|", "~", "::"):
            self.stream.stop("operator")
        return left

    def unary(self) -> tree.Node:
        if self.stream.is_op("-"):
            sign = self.stream.next()
            if self.stream.token.kind is T.NUMBER:
                if self.stream.token.start != sign.end:
                    self.stream.report("spaced-minus", sign.start, self.stream.token.end)
                number = self.stream.next()
                if self.glued_number():
                    self.stream.stop("number-form")
                return tree.Number(sign.start, number.end, "-" + number.text)
            self.stream.report("unary-minus", sign.start, sign.end)
            return self.unary()
        if self.stream.is_op("+"):
            self.stream.report_token("unary-minus")
            self.stream.next()
            return self.unary()
        return self.primary()

    def glued_number(self) -> bool:
        before = self.stream.tokens[self.stream.i - 1]
        return self.stream.token.kind in (T.WORD, T.NUMBER) and self.stream.token.start == before.end

    def primary(self) -> tree.Node:
        token = self.stream.token
        if token.kind is T.NUMBER:
            self.stream.next()
            if self.glued_number():
                self.stream.stop("number-form")
            return tree.Number(token.start, token.end, token.text)
        if token.kind is T.STRING:
            self.stream.next()
            if self.stream.token.kind is T.STRING:
                self.stream.stop("doubled-quote" if self.stream.token.start == token.end else "adjacent-strings")
            return tree.Text(token.start, token.end, token.text)
        if self.stream.is_op("("):
            return self.bracketed()
        if star := self.stream.accept_op("*"):
            return tree.Star(star.start, star.end)
        if token.kind is T.QUOTED:
            return self.name()
        if token.kind is T.WORD:
            return self.word()
        self.stream.stop("number-form" if self.stream.is_op(".") else None)
        raise StopReadingError

    def bracketed(self) -> tree.Node:
        opening = self.stream.next()
        if self.stream.is_word("SELECT", "WITH", "VALUES"):
            return self.stream.skip_brackets("subquery", opening)
        inner = self.expression()
        if self.stream.is_op(","):
            self.stream.stop("tuple")
        self.stream.expect_op(")")
        return tree.Brackets(opening.start, self.stream.last_end(), inner)

    def word(self) -> tree.Node:
        token = self.stream.token
        if len(token.parts) > 1:
            return self.name()
        upper = token.upper
        follows = self.stream.peek()
        if upper in ("TRUE", "FALSE"):
            self.stream.next()
            return tree.Boolean(token.start, token.end, upper == "TRUE")
        if upper == "NULL":
            self.stream.next()
            return tree.Null(token.start, token.end)
        if upper == "CASE":
            return self.case()
        if follows.text == "(" and follows.kind is T.OPERATOR:
            return self.call()
        if upper in names.CURRENT:
            self.stream.next()
            if token.text != upper:
                self.stream.report("lower-case-current", token.start, token.end)
            return tree.Function(token.start, token.end, upper, ())
        if upper in ("SELECT", "EXISTS"):
            self.stream.stop("subquery")
        if follows.kind is T.STRING and upper in TYPED_LITERALS | {"DATETIME", "DECIMAL", "NUMERIC"}:
            self.stream.next()
            self.stream.stop("prefixed-string" if follows.start == token.end else "typed-literal")
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
            self.stream.stop()
        self.stream.next()
        return self.stream.report("reserved", token.start, token.end)

    def name(self) -> tree.Node:
        token = self.stream.next()
        if self.stream.is_op(".") and self.stream.peek().text == "*":
            self.stream.next()
            star = self.stream.next()
            return tree.Star(token.start, star.end, token.text)
        if self.stream.is_op("."):
            self.stream.stop("spaced-dot")
        *qualifier, name = token.parts
        if len(qualifier) > 1:
            self.stream.report("dotted-column", token.start, token.end)
        return tree.Column(token.start, token.end, name, ".".join(qualifier) or None, token.kind is T.QUOTED)

    def case(self) -> tree.Node:
        start = self.stream.next()
        operand = None if self.stream.is_word("WHEN") else self.expression()
        whens = []
        while self.stream.accept_word("WHEN"):
            condition = self.expression()
            if not self.stream.accept_word("THEN"):
                self.stream.stop()
            whens.append((condition, self.expression()))
        if not whens:
            self.stream.stop()
        otherwise = self.expression() if self.stream.accept_word("ELSE") else None
        if not self.stream.accept_word("END"):
            self.stream.stop()
        return tree.Case(start.start, self.stream.last_end(), operand, tuple(whens), otherwise)

    def call(self) -> tree.Node:
        token = self.stream.next()
        opening = self.stream.next()
        upper = token.upper
        known = names.AGGREGATES | names.DEAD_AGGREGATES | names.OTHER_AGGREGATES
        if upper == "EXISTS":
            return self.stream.skip_brackets("subquery", token)
        if upper in ("CAST", "TRY_CAST", "SAFE_CAST"):
            node: tree.Node = self.cast(token)
        elif upper in known:
            node = self.aggregate(token)
        elif upper in names.RANKING:
            self.stream.skip_brackets("window", token)
            self.stream.problems.pop()
            node = tree.Unreadable(token.start, self.stream.last_end())
        elif upper not in names.GRAMMAR_FUNCTIONS:
            self.stream.skip_brackets("function", opening)
            self.stream.problems.pop()
            node = self.stream.report("function", token.start, self.stream.last_end())
        else:
            node = self.function(token)
        return self.after_call(node)

    def after_call(self, node: tree.Node) -> tree.Node:
        """OVER, FILTER, WITHIN GROUP and the like make another thing of a call."""
        ranking = isinstance(node, tree.Unreadable) and not self.problems_at(node)
        if self.stream.is_word("OVER", "FILTER", "WITHIN", "IGNORE", "RESPECT"):
            kind = (
                "filter"
                if self.stream.is_word("FILTER")
                else "window"
                if self.stream.is_word("OVER")
                else "within-group"
            )
            while self.stream.token.kind is not T.END and not self.stream.is_op("("):
                self.stream.next()
            opening = self.stream.next()
            self.stream.skip_brackets(kind, opening)
            self.stream.problems.pop()
            return self.stream.report(kind, node.start, self.stream.last_end())
        if ranking:
            return self.stream.report("window", node.start, node.end)
        return node

    def problems_at(self, node: tree.Node) -> bool:
        return any(p.start <= node.start and p.end >= node.end for p in self.stream.problems)

    def cast(self, token: Token) -> tree.Node:
        inner = self.expression()
        if not self.stream.accept_word("AS"):
            self.stream.stop()
        start = self.stream.token.start
        if self.stream.token.kind is not T.WORD:
            self.stream.stop()
        name = self.stream.next().upper
        if self.stream.is_op("("):
            self.stream.skip_brackets("cast-type", self.stream.next())
            self.stream.problems.pop()
        while self.stream.token.kind is T.WORD:
            self.stream.next()
        type_ = self.stream.text[start : self.stream.last_end()].upper()
        self.stream.expect_op(")")
        if name not in _CAST_TYPES or ("(" in type_ and name in ("VARCHAR", "NVARCHAR")) or token.upper != "CAST":
            return self.stream.report("cast-type", token.start, self.stream.last_end())
        return tree.Cast(token.start, self.stream.last_end(), inner, type_)

    def aggregate(self, token: Token) -> tree.Node:
        quantifier = ""
        if self.stream.is_word("DISTINCT", "ALL"):
            quantifier = self.stream.next().upper
        elif self.stream.is_word("TOP"):
            self.stream.stop("top")
        args: list[tree.Node] = []
        while not self.stream.is_op(")"):
            args.append(self.expression())
            if self.stream.is_word("ORDER", "SEPARATOR", "RESPECT", "IGNORE"):
                while not self.stream.is_op(")") and self.stream.token.kind is not T.END:
                    self.stream.next()
            if not self.stream.accept_op(","):
                break
        self.stream.expect_op(")")
        end = self.stream.last_end()
        if token.upper in names.OTHER_AGGREGATES:
            return self.stream.report("aggregate", token.start, end)
        if len(args) != 1:
            self.stream.report("aggregate-arguments", token.start, end)
        return tree.Aggregate(token.start, end, token.upper, quantifier, tuple(args))

    def function(self, token: Token) -> tree.Node:
        args: list[tree.Node] = []
        form = ""
        if token.upper == "EXTRACT":
            form = self.stream.next().upper
            if not self.stream.accept_word("FROM"):
                self.stream.stop("function-form")
        while not self.stream.is_op(")"):
            args.append(self.sum() if token.upper == "POSITION" else self.expression())
            if word := self.stream.accept_word("FROM", "FOR", "IN"):
                form += word.upper
            elif not self.stream.accept_op(","):
                break
        if not self.stream.is_op(")"):
            self.stream.stop("function-form" if self.stream.token.kind is T.WORD else None)
        self.stream.next()
        return tree.Function(token.start, self.stream.last_end(), token.upper, tuple(args), form)
