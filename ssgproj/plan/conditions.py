"""CHECK conditions taken apart: what holds by construction, and what has to be tested on rows.

A check is a conjunction. Each conjunct is one of

* a **restriction** of one column (`age >= 18`, `status IN (...)`, `length(code) = 2`, a regular expression): the column's default
  generator stays inside it;
* an **ordering** of two columns (`start <= end`): they are drawn together;
* a **remainder**: evaluated over each batch, rows that fail are drawn again.

A condition that is NULL passes, as in SQL, so `x IS NULL OR ...` says nothing about values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import ErrorLevel, SqlglotError

from ssgproj.generators.base import Restriction
from ssgproj.plan import evaluate
from ssgproj.plan.restrictions import intersect
from ssgproj.project.types import Kind, SqlType

FAR_FUTURE = timedelta(days=365 * 60)
"""A value that must be later than the database's clock is drawn at least this much after the project's `now`."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One conjunct of a check. `text` is the check as written, `tree` this part of it; `types` are those of `columns`, empty if a name
    in it is no column."""

    text: str
    columns: tuple[str, ...]
    tree: exp.Expr
    types: tuple[SqlType, ...] = ()
    restriction: Restriction | None = None
    ordering: tuple[str, str, bool] | None = None
    """(smaller, greater, strict)"""
    literals: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Values that the condition compares columns with: good guesses for values that satisfy it."""
    tests_null: tuple[str, ...] = ()
    """Columns compared with NULL."""
    not_null: bool = False
    """NULL in its one column does not pass."""
    hull: Restriction | None = None
    """Bounds outside of which no value of its one column passes; inside, some may not."""

    @property
    def sql(self) -> str | None:
        """The condition as DuckDB writes it, or None if it cannot be evaluated. Asked only of those that have to be tested."""
        if not self.types:
            return None
        text = self.tree.sql("duckdb", unsupported_level=ErrorLevel.IGNORE)
        return text if evaluate.understands(text, self.columns, self.types) else None


def conditions(
    checks: Iterable[str], types: Mapping[str, SqlType], dialect: str, now: datetime
) -> tuple[list[Condition], list[str]]:
    """Take checks apart. Returns the conditions, and the checks that cannot be read or evaluated."""
    found: list[Condition] = []
    opaque: list[str] = []
    for text in checks:
        try:
            tree = parse_one(text, read=dialect or None, into=exp.Condition)
        except (SqlglotError, RecursionError):
            opaque.append(text)
            continue
        for conjunct in _conjuncts(_simplify(tree, types, now)):
            condition = _condition(conjunct, text, types, now)
            if condition is None:
                continue
            if condition.restriction is None and condition.ordering is None and condition.sql is None:
                opaque.append(text)
            found.append(condition)
    return found, list(dict.fromkeys(opaque))


def substitute_value(check: str, column: str, dialect: str) -> str:
    """A domain's check with its `VALUE` replaced by a column."""
    try:
        tree = parse_one(check, read=dialect or None, into=exp.Condition)
    except SqlglotError:
        return re.sub(r"\bVALUE\b", evaluate.quote(column), check, flags=re.IGNORECASE)
    for node in list(tree.find_all(exp.Column)):
        if node.name.upper() == "VALUE" and not node.table:
            node.replace(exp.column(exp.to_identifier(column, quoted=True)))
    return tree.sql(dialect or None)


def _conjuncts(tree: exp.Expr) -> Iterator[exp.Expr]:
    tree = tree.unnest()
    if isinstance(tree, exp.And):
        yield from _conjuncts(tree.left)
        yield from _conjuncts(tree.right)
    elif isinstance(tree, exp.Between) and not tree.args.get("symmetric"):
        yield exp.GTE(this=tree.this.copy(), expression=tree.args["low"].copy())
        yield exp.LTE(this=tree.this.copy(), expression=tree.args["high"].copy())
    elif isinstance(tree, exp.Not) and isinstance(tree.this.unnest(), exp.Or):
        inner = tree.this.unnest()
        yield from _conjuncts(exp.Not(this=exp.paren(inner.left.copy())))
        yield from _conjuncts(exp.Not(this=exp.paren(inner.right.copy())))
    elif isinstance(tree, exp.Or):
        # `x IS NULL OR condition`: NULLs pass in any case.
        alternatives = [a for a in _disjuncts(tree) if not _is_null_test(a)]
        dropped = {c.name for a in _disjuncts(tree) if _is_null_test(a) for c in a.find_all(exp.Column)}
        if len(alternatives) == 1 and dropped <= {c.name for c in alternatives[0].find_all(exp.Column)}:
            yield from _conjuncts(alternatives[0])
        else:
            yield tree
    else:
        yield tree


def _disjuncts(tree: exp.Expr) -> Iterator[exp.Expr]:
    tree = tree.unnest()
    if isinstance(tree, exp.Or):
        yield from _disjuncts(tree.left)
        yield from _disjuncts(tree.right)
    else:
        yield tree


def _is_null_test(tree: exp.Expr) -> bool:
    return (
        isinstance(tree, exp.Is)
        and isinstance(tree.expression, exp.Null)
        and isinstance(tree.this.unnest(), exp.Column)
    )


def _bare(tree: exp.Expr) -> exp.Expr:
    """Without brackets, and without casts of columns that change no comparison (`name::text`)."""
    tree = tree.unnest()
    while isinstance(tree, exp.Cast) and isinstance(tree.this.unnest(), exp.Column):
        tree = tree.this.unnest()
    return tree


def _simplify(tree: exp.Expr, types: Mapping[str, SqlType], now: datetime) -> exp.Expr:
    """Fix the case of column names to the model's, the clock to the project's, and rewrite what DuckDB spells differently."""
    by_lower = {name.lower(): name for name in types}

    def named(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            name = node.name if node.name in types else by_lower.get(node.name.lower(), node.name)
            if name == node.name and name not in types and isinstance(node.this, exp.Identifier) and node.this.quoted:
                return exp.Literal.string(node.name)  # SQLite and MySQL read an unknown "name" as text
            return exp.column(exp.to_identifier(name, quoted=True))
        return node

    def fix(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast) and node.find(exp.Column):
            return exp.TryCast(this=node.this, to=node.to)  # a value that cannot be cast fails the check, not the query
        if isinstance(node, exp.Date | exp.TsOrDsToDate) and not node.expressions and isinstance(node.this, exp.Column):
            return exp.TryCast(this=node.this, to=exp.DataType.build("date"))
        if isinstance(node, exp.Typeof) or (isinstance(node, exp.Anonymous) and node.name.lower() == "typeof"):
            argument = node.this if isinstance(node, exp.Typeof) else node.expressions[0]
            storage = _storage(argument, types)
            if storage is None:
                return node
            return (
                exp.case()
                .when(exp.Is(this=argument.copy(), expression=exp.Null()), exp.Literal.string("null"))
                .else_(exp.Literal.string(storage))
            )
        if isinstance(node, exp.CurrentDate):
            return exp.cast(exp.Literal.string(now.date().isoformat()), "date")
        if isinstance(node, exp.CurrentTimestamp | exp.CurrentDatetime):
            return exp.cast(exp.Literal.string(now.isoformat(sep=" ")), "timestamp")
        if isinstance(node, exp.Anonymous) and node.name.lower() in ("num_nonnulls", "num_nulls"):
            test = "NOT {} IS NULL" if node.name.lower() == "num_nonnulls" else "{} IS NULL"
            terms = [f"CAST(({test.format(a.sql('duckdb'))}) AS INT)" for a in node.expressions]
            return parse_one(f"({' + '.join(terms)})", read="duckdb")
        if isinstance(node, exp.Anonymous) and node.name.lower() in ("similar_to_escape", "similar_escape"):
            pattern = _text(node.expressions[0])  # how PostgreSQL keeps SIMILAR TO
            return exp.Literal.string(_similar(pattern)) if pattern is not None else node
        if isinstance(node, exp.Anonymous) and node.name.lower() in ("current_date", "now", "localtimestamp"):
            return exp.cast(exp.Literal.string(now.isoformat(sep=" ")), "timestamp")
        return node

    return tree.transform(named, copy=False).transform(fix, copy=False)


_STORAGE = {
    Kind.INTEGER: "integer", Kind.BOOLEAN: "integer", Kind.YEAR: "integer", Kind.FLOAT: "real", Kind.STRING: "text",
    Kind.DATE: "text", Kind.TIMESTAMP: "text", Kind.BINARY: "blob",
}  # fmt: skip


def _storage(argument: exp.Expr, types: Mapping[str, SqlType]) -> str | None:
    """What SQLite's typeof() says of a column's values."""
    column = _bare(argument)
    if not isinstance(column, exp.Column) or column.name not in types:
        return None
    return _STORAGE.get(types[column.name].kind)


def _condition(tree: exp.Expr, text: str, types: Mapping[str, SqlType], now: datetime) -> Condition | None:
    names = tuple(dict.fromkeys(c.name for c in tree.find_all(exp.Column)))
    if not names:
        return None
    known = all(n in types for n in names)
    of_types = tuple(types[n] for n in names) if known else ()
    restriction = ordering = None
    inner = tree.this.unnest() if isinstance(tree, exp.Not) else None
    not_null = False
    hull = None
    if known and len(names) == 1:
        if inner is not None and _is_null_test(inner):
            return Condition(text, names, tree, of_types, Restriction(), not_null=True)
        restriction = _restriction(tree, names[0], types[names[0]], now)
        # Comparisons pass NULL on; of what does not, ask the database.
        plain = not tree.find(exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Coalesce, exp.Case, exp.If, exp.Func)
        not_null = not plain and evaluate.fails_for_null(
            tree.sql("duckdb", unsupported_level=ErrorLevel.IGNORE), names[0], types[names[0]]
        )
        hull = _hull(tree, names[0], types[names[0]], now) if restriction is None else None
    elif known and len(names) == 2:
        ordering = _ordering(tree, types)
    return Condition(
        text,
        names,
        tree,
        of_types,
        restriction,
        ordering,
        _literals(tree, types) if known else {},
        tuple(
            dict.fromkeys(
                c.name
                for n in tree.find_all(exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Coalesce)
                for c in n.find_all(exp.Column)
            )
        ),
        not_null,
        hull,
    )


def _hull(tree: exp.Expr, name: str, sql_type: SqlType, now: datetime) -> Restriction | None:
    """The bounds around alternatives that each have bounds: partitions with gaps between them, opening hours, and the like."""
    lowers, uppers = [], []
    for alternative in _disjuncts(tree):
        bounds = Restriction()
        for conjunct in _conjuncts(alternative):
            if part := _restriction(conjunct, name, sql_type, now):
                bounds = intersect(bounds, part)
        listed = [v for v in bounds.values or () if v is not None]
        try:
            lowers.append(min(listed) if listed else bounds.lower)
            uppers.append(max(listed) if listed else bounds.upper)
        except TypeError:
            return None
    lower = min(lowers) if all(v is not None for v in lowers) else None
    upper = max(uppers) if all(v is not None for v in uppers) else None
    if sql_type.kind in (Kind.STRING, Kind.ENUM, Kind.BOOLEAN, Kind.UUID) or (lower is None and upper is None):
        return None
    return Restriction(lower=lower, upper=upper)


_FLIPPED = {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE, exp.EQ: exp.EQ, exp.NEQ: exp.NEQ}
_NEGATED = {exp.LT: exp.GTE, exp.LTE: exp.GT, exp.GT: exp.LTE, exp.GTE: exp.LT, exp.EQ: exp.NEQ, exp.NEQ: exp.EQ}


def _comparison(tree: exp.Expr) -> tuple[type[exp.Expr], exp.Expr, exp.Expr] | None:
    """A comparison as (operator, left, right) with the column, if any, on the left."""
    tree = tree.unnest()
    negated = False
    while isinstance(tree, exp.Not):
        tree, negated = tree.this.unnest(), not negated
    operator = type(tree)
    if operator not in _FLIPPED:
        return None
    left, right = _bare(tree.this), _bare(tree.expression)
    if negated:
        operator = _NEGATED[operator]
    if not left.find(exp.Column) and right.find(exp.Column):
        left, right, operator = right, left, _FLIPPED[operator]
    return operator, left, right


def _ordering(tree: exp.Expr, types: Mapping[str, SqlType]) -> tuple[str, str, bool] | None:
    found = _comparison(tree)
    if not found:
        return None
    operator, left, right = found
    if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)):
        return None
    if operator in (exp.LT, exp.LTE):
        return left.name, right.name, operator is exp.LT
    if operator in (exp.GT, exp.GTE):
        return right.name, left.name, operator is exp.GT
    return None


def _restriction(tree: exp.Expr, name: str, sql_type: SqlType, now: datetime) -> Restriction | None:
    tree = tree.unnest()
    if sql_type.kind is Kind.BOOLEAN and (wanted := _boolean(tree)) is not None:
        return Restriction(values=(wanted,))
    if isinstance(tree, exp.Or):
        parts = [_restriction(d, name, sql_type, now) for d in _disjuncts(tree)]
        if all(p is not None and p.values is not None and p == Restriction(values=p.values) for p in parts):
            return Restriction(values=tuple(dict.fromkeys(v for p in parts if p for v in p.values or ())))
        return None
    negated = isinstance(tree, exp.Not)
    inner = tree.this.unnest() if negated else tree
    if isinstance(inner, exp.In) and isinstance(_bare(inner.this), exp.Column) and not inner.args.get("query"):
        return _listed(inner.expressions, sql_type, negated)
    if isinstance(inner, exp.EQ | exp.NEQ) and isinstance(inner.expression.unnest(), exp.Any | exp.All):
        quantified = inner.expression.unnest()
        array = quantified.this.unnest()
        while isinstance(array, exp.Cast):
            array = array.this.unnest()
        if isinstance(array, exp.Array) and isinstance(_bare(inner.this), exp.Column):
            equal = isinstance(inner, exp.EQ) and isinstance(quantified, exp.Any)
            unequal = isinstance(inner, exp.NEQ) and isinstance(quantified, exp.All)
            if equal or unequal:
                return _listed(array.expressions, sql_type, unequal != negated)
        return None
    if not negated and (pattern := _pattern(tree)):
        return Restriction(patterns=(pattern,))
    found = _comparison(tree)
    if not found:
        return None
    operator, left, right = found
    if right.find(exp.Column):
        if (
            operator is exp.EQ
            and isinstance(left, exp.Upper | exp.Lower)
            and isinstance(_bare(left.this), exp.Column)
            and isinstance(right, exp.Column)
        ):
            return Restriction(patterns=("^[A-Z0-9]*$" if isinstance(left, exp.Upper) else "^[a-z0-9]*$",))
        return None
    if isinstance(left, exp.Column):
        return _bound(operator, right, sql_type, now)
    if isinstance(left, exp.Length | exp.ByteLength) or (
        isinstance(left, exp.Anonymous) and left.name.lower() in ("octet_length", "char_length", "len")
    ):
        argument = left.this if not isinstance(left, exp.Anonymous) else left.expressions[0]
        if isinstance(_trimmed(argument), exp.Column):
            return _length(operator, right)
    if operator is exp.NEQ and isinstance(_trimmed(left), exp.Column) and _text(right) == "":
        return Restriction(min_length=1)
    return None


def _trimmed(tree: exp.Expr) -> exp.Expr:
    tree = _bare(tree)
    if isinstance(tree, exp.Trim) or (
        isinstance(tree, exp.Anonymous) and tree.name.lower() in ("btrim", "ltrim", "rtrim")
    ):
        inner = tree.this if isinstance(tree, exp.Trim) else tree.expressions[0]
        return _bare(inner)
    return tree


def _boolean(tree: exp.Expr) -> bool | None:
    if isinstance(_bare(tree), exp.Column):
        return True
    if isinstance(tree, exp.Not):
        inner = _boolean(tree.this.unnest())
        return None if inner is None else not inner
    if (
        isinstance(tree, exp.Is)
        and isinstance(tree.expression, exp.Boolean)
        and isinstance(_bare(tree.this), exp.Column)
    ):
        return bool(tree.expression.this)
    return None


def _text(tree: exp.Expr) -> str | None:
    tree = tree.unnest()
    while isinstance(tree, exp.Cast):
        tree = tree.this.unnest()
    return str(tree.this) if isinstance(tree, exp.Literal) and tree.is_string else None


def _pattern(tree: exp.Expr) -> str | None:
    if not isinstance(tree, exp.RegexpLike | exp.RegexpILike | exp.Like | exp.ILike | exp.SimilarTo | exp.Glob):
        return None
    if not isinstance(_bare(tree.this), exp.Column):
        return None
    text = _text(tree.expression)
    if text is None:
        return None
    if isinstance(tree, exp.RegexpLike):
        return _python_regex(text)
    if isinstance(tree, exp.RegexpILike):
        return _python_regex(text)
    if isinstance(tree, exp.SimilarTo):
        return _similar(text)
    if isinstance(tree, exp.Glob):
        return _glob(text)
    escaped = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in text)
    return f"^{escaped}$"


def _glob(text: str) -> str:
    """A GLOB pattern as a regular expression: `*` and `?` are wild outside of brackets."""
    parts = re.findall(r"\[\^?\]?[^\]]*\]|.", text, re.DOTALL)
    wild = {"*": ".*", "?": "."}
    return "^" + "".join(wild.get(p, p if len(p) > 1 else re.escape(p)) for p in parts) + "$"


def _similar(text: str) -> str:
    """A SIMILAR TO pattern as a regular expression: `%` and `_` are wild outside of brackets, the backslash escapes."""
    parts = re.findall(r"\\.|\[[^\]]*\]|.", text, re.DOTALL)
    wild = {"%": ".*", "_": ".", ".": r"\.", "^": r"\^", "$": r"\$"}
    return "^(?:" + "".join(wild.get(p, p) for p in parts) + ")$"


_POSIX = {
    "[:alpha:]": "A-Za-z", "[:digit:]": "0-9", "[:alnum:]": "A-Za-z0-9", "[:upper:]": "A-Z", "[:lower:]": "a-z",
    "[:space:]": " ", "[:punct:]": "!-/", "[:xdigit:]": "0-9A-Fa-f", "[:word:]": "A-Za-z0-9_",
}  # fmt: skip


def _python_regex(text: str) -> str:
    for posix, python in _POSIX.items():
        text = text.replace(posix, python)
    return text.replace(r"\m", r"\b").replace(r"\M", r"\b").replace(r"\A", "^").replace(r"\Z", "$")


def _value(tree: exp.Expr, sql_type: SqlType) -> Any:
    """A literal in the column's own terms. Raises CannotEvaluateError."""
    text = _text(tree)
    if text is not None and sql_type.kind in (Kind.STRING, Kind.ENUM, Kind.SET):
        return text
    if (number := _number(tree)) is not None:
        if sql_type.kind in (Kind.INTEGER, Kind.YEAR) and number == int(number):
            return int(number)
        if sql_type.kind in (Kind.DECIMAL, Kind.MONEY):
            return number
        if sql_type.kind is Kind.FLOAT:
            return float(number)
    return evaluate.constant(tree.sql("duckdb"), _DUCKDB_TYPES.get(sql_type.kind))


def _number(tree: exp.Expr) -> Decimal | None:
    """A plain number, through brackets, signs and casts to other numbers."""
    tree = tree.unnest()
    if isinstance(tree, exp.Neg):
        inner = _number(tree.this)
        return None if inner is None else -inner
    if isinstance(tree, exp.Cast) and tree.to.is_type(*exp.DataType.NUMERIC_TYPES) and not tree.to.expressions:
        inner = _number(tree.this)
        whole = tree.to.is_type(*exp.DataType.INTEGER_TYPES)
        return None if inner is None or (whole and inner != int(inner)) else inner
    if isinstance(tree, exp.Literal) and not tree.is_string:
        try:
            return Decimal(tree.this)
        except InvalidOperation:
            return None
    return None


_DUCKDB_TYPES = {
    Kind.INTEGER: "HUGEINT", Kind.DECIMAL: "DECIMAL(38, 10)", Kind.MONEY: "DECIMAL(38, 10)", Kind.FLOAT: "DOUBLE",
    Kind.YEAR: "INTEGER", Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP", Kind.TIME: "TIME", Kind.STRING: "VARCHAR",
    Kind.ENUM: "VARCHAR", Kind.SET: "VARCHAR", Kind.BOOLEAN: "BOOLEAN", Kind.UUID: "VARCHAR", Kind.INTERVAL: "INTERVAL",
}  # fmt: skip


def _listed(items: Sequence[exp.Expr], sql_type: SqlType, negated: bool) -> Restriction | None:
    try:
        values = tuple(_value(i, sql_type) for i in items)
    except evaluate.CannotEvaluateError:
        return None
    values = tuple(v for v in values if v is not None)
    return Restriction(excluded=values) if negated else Restriction(values=values)


def _bound(operator: type[exp.Expr], right: exp.Expr, sql_type: SqlType, now: datetime) -> Restriction | None:
    if sql_type.kind not in _DUCKDB_TYPES:
        return None
    exact = sql_type.kind not in (Kind.INTEGER, Kind.YEAR) or _is_whole(right)
    if not exact:
        # 0.5 against an integer column: the cast would round; leave it to the rows.
        return None
    try:
        value = _value(right, sql_type)
    except evaluate.CannotEvaluateError:
        return None
    if value is None:
        return None
    if operator is exp.EQ:
        return Restriction(values=(value,))
    if operator is exp.NEQ:
        return Restriction(excluded=(value,))
    if sql_type.kind in (Kind.STRING, Kind.UUID, Kind.ENUM, Kind.SET, Kind.BOOLEAN):
        return None
    if operator in (exp.GT, exp.GTE):
        if sql_type.kind in (Kind.DATE, Kind.TIMESTAMP) and _near(value, now):
            value = value + FAR_FUTURE  # the database's clock will be later than the project's
        return Restriction(lower=value, lower_open=operator is exp.GT)
    return Restriction(upper=value, upper_open=operator is exp.LT)


def _near(value: Any, now: datetime) -> bool:
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return abs(moment.replace(tzinfo=None) - now) < timedelta(days=2)


def _is_whole(tree: exp.Expr) -> bool:
    if (number := _number(tree)) is not None:
        return number == int(number)
    try:
        value = evaluate.constant(tree.sql("duckdb"))
    except evaluate.CannotEvaluateError:
        return False
    try:
        return value is None or float(value) == int(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def _length(operator: type[exp.Expr], right: exp.Expr) -> Restriction | None:
    try:
        value = int(evaluate.constant(right.sql("duckdb"), "INTEGER"))
    except (evaluate.CannotEvaluateError, TypeError):
        return None
    shortest: dict[type[exp.Expr], int] = {exp.GT: value + 1, exp.GTE: value, exp.EQ: value}
    longest: dict[type[exp.Expr], int] = {exp.LT: value - 1, exp.LTE: value, exp.EQ: value}
    if operator is exp.NEQ:
        return Restriction(min_length=1) if value == 0 else None
    return Restriction(min_length=shortest.get(operator), max_length=longest.get(operator))


def _literals(tree: exp.Expr, types: Mapping[str, SqlType]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}

    def note(column: exp.Expr, value: exp.Expr) -> None:
        column = _bare(column)
        if not isinstance(column, exp.Column) or value.find(exp.Column):
            return
        try:
            literal = _value(value, types[column.name])
        except (evaluate.CannotEvaluateError, KeyError):
            return
        if literal is not None:
            found.setdefault(column.name, []).append(literal)

    for node in tree.find_all(exp.EQ, exp.NullSafeEQ):
        note(node.this, node.expression)
        note(node.expression, node.this)
        if isinstance(node.expression.unnest(), exp.Any):
            array = node.expression.unnest().this.unnest()
            while isinstance(array, exp.Cast):
                array = array.this.unnest()
            for item in array.expressions if isinstance(array, exp.Array) else ():
                note(node.this, item)
    for listed in tree.find_all(exp.In):
        for item in listed.expressions:
            note(listed.this, item)
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}
