"""`derive`: an SQL expression over the row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.errors import SsgError
from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, one_target, option

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp

    from ssgproj.generators.base import Batch, Generator, Target


@dataclass(frozen=True, slots=True)
class Derive:
    """An SQL expression over the columns of the same row, in the project's dialect, which DuckDB computes.

    It may not depend on the clock or on chance, nor read anything but the row.

    ```yaml
    generate: {derive: "round(price * quantity, 2)"}
    ```
    """

    kind: ClassVar[str] = "derive"

    sql: str | Reference = option("The expression.")

    def check(self, context: BindContext) -> Iterator[Problem]:
        yield from one_target(self, context)
        yield from check_options(self, context)
        try:
            tree = parse_expression(str(self.sql), context.dialect)
        except SsgError as error:
            yield Problem(error.message, "sql", error.hint)
            return
        if name := unsteady(tree):
            yield Problem(f"`{name}` gives another value each time", "sql", "use columns made by other generators")

    def bind(self, context: BindContext) -> Generator:
        tree = parse_expression(str(self.sql), context.dialect)
        return DeriveGenerator(context.targets[0], tree.sql("duckdb", identify=True), column_names(tree))

    def needs(self, columns: Any) -> Sequence[str]:
        """The columns that the expression reads."""
        try:
            found = column_names(parse_expression(str(self.sql), ""))
        except SsgError:
            return []
        lowered = {str(c).lower(): str(c) for c in columns}
        return [lowered[n.lower()] for n in found if n.lower() in lowered]


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
    """The columns that an expression reads, each once."""
    from sqlglot import exp

    return tuple(dict.fromkeys(c.name for c in tree.find_all(exp.Column)))


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


@dataclass(frozen=True, slots=True)
class DeriveGenerator:
    """One column computed by DuckDB from columns of the batch."""

    target: Target
    sql: str
    columns: tuple[str, ...]

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import duckdb
        import pyarrow as pa

        from ssgproj.generators.arrow import cast_to

        table = pa.table(
            {"__row": pa.array(range(batch.rows), pa.int64()), **{name: batch.column(name) for name in self.columns}}
        )
        # External access is off: an expression of the project must not read files.
        settings = {"enable_external_access": "false", "threads": "1", "lock_configuration": "true", "TimeZone": "UTC"}
        try:
            with duckdb.connect(
                ":memory:", config={k: v for k, v in settings.items() if k != "TimeZone"}
            ) as connection:
                connection.register("batch", table)
                result = connection.sql(f"SELECT {self.sql} AS value FROM batch ORDER BY __row").to_arrow_table()
        except duckdb.Error as error:
            kind = type(error).__name__
            raise SsgError(
                f"Column `{self.target.name}` cannot be derived: {kind}", f"look at `derive: {self.sql}`"
            ) from None
        return [cast_to(result.column("value"), self.target.type)]
