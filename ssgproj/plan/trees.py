"""Conditions as trees: their conjuncts, their comparisons, what is in them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp


def conjuncts(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of a condition that must all hold; `BETWEEN` is two, and `x IS NULL OR ...` adds nothing to what it goes with."""
    tree = tree.unnest()
    if isinstance(tree, exp.And):
        yield from conjuncts(tree.left)
        yield from conjuncts(tree.right)
    elif isinstance(tree, exp.Between) and not tree.args.get("symmetric"):
        yield exp.GTE(this=tree.this.copy(), expression=tree.args["low"].copy())
        yield exp.LTE(this=tree.this.copy(), expression=tree.args["high"].copy())
    elif isinstance(tree, exp.Not) and isinstance(tree.this.unnest(), exp.Or):
        inner = tree.this.unnest()
        yield from conjuncts(exp.Not(this=exp.paren(inner.left.copy())))
        yield from conjuncts(exp.Not(this=exp.paren(inner.right.copy())))
    elif isinstance(tree, exp.Or):
        # `x IS NULL OR condition`: NULLs pass in any case.
        alternatives = [a for a in disjuncts(tree) if not is_null_test(a)]
        dropped = {c.name for a in disjuncts(tree) if is_null_test(a) for c in a.find_all(exp.Column)}
        if len(alternatives) == 1 and dropped <= {c.name for c in alternatives[0].find_all(exp.Column)}:
            yield from conjuncts(alternatives[0])
        else:
            yield tree
    else:
        yield tree


def disjuncts(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of a condition of which one must hold."""
    tree = tree.unnest()
    if isinstance(tree, exp.Or):
        yield from disjuncts(tree.left)
        yield from disjuncts(tree.right)
    else:
        yield tree


def is_null_test(tree: exp.Expr) -> bool:
    """Whether it is `column IS NULL`."""
    return (
        isinstance(tree, exp.Is)
        and isinstance(tree.expression, exp.Null)
        and isinstance(tree.this.unnest(), exp.Column)
    )


def bare(tree: exp.Expr) -> exp.Expr:
    """Without brackets, and without casts of columns that change no comparison (`name::text`)."""
    tree = tree.unnest()
    while isinstance(tree, exp.Cast) and isinstance(tree.this.unnest(), exp.Column):
        tree = tree.this.unnest()
    return tree


def text_of(tree: exp.Expr) -> str | None:
    """The text of a literal, through brackets and casts; None for anything else."""
    tree = tree.unnest()
    while isinstance(tree, exp.Cast):
        tree = tree.this.unnest()
    return str(tree.this) if isinstance(tree, exp.Literal) and tree.is_string else None


_FLIPPED = {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE, exp.EQ: exp.EQ, exp.NEQ: exp.NEQ}


_NEGATED = {exp.LT: exp.GTE, exp.LTE: exp.GT, exp.GT: exp.LTE, exp.GTE: exp.LT, exp.EQ: exp.NEQ, exp.NEQ: exp.EQ}


def comparison(tree: exp.Expr) -> tuple[type[exp.Expr], exp.Expr, exp.Expr] | None:
    """A comparison as (operator, left, right) with the column, if any, on the left."""
    tree = tree.unnest()
    negated = False
    while isinstance(tree, exp.Not):
        tree, negated = tree.this.unnest(), not negated
    operator = type(tree)
    if operator not in _FLIPPED:
        return None
    left, right = bare(tree.this), bare(tree.expression)
    if negated:
        operator = _NEGATED[operator]
    if not left.find(exp.Column) and right.find(exp.Column):
        left, right, operator = right, left, _FLIPPED[operator]
    return operator, left, right
