"""`derive`: an SQL expression over the row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ssgproj.errors import SsgError
from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, one_target, option

if TYPE_CHECKING:
    from sqlglot import exp

    from ssgproj.generators.base import Generator


@dataclass(frozen=True, slots=True)
class Derive:
    """An SQL expression over the columns of the same row and of the rows it refers to, in the project's dialect, which DuckDB computes.

    `user_id.created_on` is `created_on` of the row that `user_id` refers to, and `users.created_on` the same where exactly one reference
    leads to `users`. The expression may not depend on the clock or on chance, nor read anything but those rows.

    ```yaml
    generate: {derive: "round(price * quantity, 2)"}
    ```
    """

    kind: ClassVar[str] = "derive"

    sql: str | Reference = option("The expression.")

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.derive_sql import check_names

        yield from one_target(self, context)
        yield from check_options(self, context)
        try:
            tree = parse_expression(str(self.sql), context.dialect)
        except SsgError as error:
            yield Problem(error.message, "sql", error.hint)
            return
        if name := unsteady(tree):
            yield Problem(f"`{name}` gives another value each time", "sql", "use columns made by other generators")
            return
        yield from check_names(tree, context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.derive_sql import bind_derive

        return bind_derive(parse_expression(str(self.sql), context.dialect), context)

    def reads(self) -> Sequence[str]:
        """The columns that the expression reads, as it names them."""
        for dialect in ("", "mysql", "tsql"):  # names are quoted in three ways
            try:
                return column_names(parse_expression(str(self.sql), dialect))
            except SsgError:
                continue
        return []


def parse_expression(sql: str, dialect: str) -> exp.Expr:
    """The tree of one scalar expression. Raises SsgError."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(f"SELECT {sql}", read=dialect or None)
    except SqlglotError:
        raise SsgError(
            "The expression is no SQL that ssg can read", 'for example: derive: "price * quantity"'
        ) from None
    plain = (
        isinstance(tree, exp.Select) and len(tree.expressions) == 1 and not any(tree.find_all(exp.From, exp.Subquery))
    )
    if not plain or any(tree.args.get(k) for k in ("from", "from_", "where", "limit", "group", "joins")):
        raise SsgError("The expression reads more than the row", 'for example: derive: "price * quantity"')
    only: exp.Expr = tree.expressions[0]
    return only.unalias()


def column_names(tree: exp.Expr) -> tuple[str, ...]:
    """The columns that an expression reads, each once: `price`, `users.created_on`."""
    from sqlglot import exp

    return tuple(dict.fromkeys(column_text(c) for c in tree.find_all(exp.Column)))


def column_text(column: exp.Column) -> str:
    """A column's name with what stands before it."""
    return ".".join(part.name for part in column.parts)


_UNSTEADY = {
    "random", "rand", "uuid", "gen_random_uuid", "uuid_generate_v4", "newid", "now", "current_timestamp", "current_date", "current_time",
    "localtimestamp", "localtime", "getdate", "sysdate", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "today",
    "nextval", "setseed", "pg_sleep", "get_current_timestamp",
}  # fmt: skip


def unsteady(tree: exp.Expr) -> str | None:
    """A function whose value depends on the clock or on chance."""
    from sqlglot import exp

    for node in tree.walk():
        if isinstance(node, exp.Func):
            name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
            if name in _UNSTEADY:
                return name
    return None
