"""The expression of `derive` over a batch: the row's columns beside those of its parents, computed by DuckDB a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from ssgproj.errors import SsgError
from ssgproj.generators import sql_rows
from ssgproj.generators.arrow import arrow_type, cast_to
from ssgproj.generators.base import Batch, BindContext, Problem, Target
from ssgproj.generators.derive import column_text
from ssgproj.generators.lookup import NotFoundError, OwnColumn, ParentColumn, ReadColumn, parent_values

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator

_ROW = "ssg_row"


def check_names(tree: exp.Expr, context: BindContext) -> Iterator[Problem]:
    """Columns that are not there, and an expression that DuckDB cannot compute over their types."""
    for column in tree.find_all(exp.Column):
        try:
            context.columns.find(column_text(column))
        except NotFoundError as error:
            yield Problem(error.message, "sql", error.hint)
            return
    if not context.columns.own:
        return
    sql, columns = _named(tree, context)
    empty = {name: pa.array([], arrow_type(c.type)) for name, c in columns if c.type is not None}
    try:
        sql_rows.columns(pa.table({_ROW: pa.array([], pa.int8()), **empty}), [sql])
    except sql_rows.CannotEvaluateError as error:
        # Over no rows, what DuckDB says can only be about names and types.
        yield Problem(
            f"DuckDB cannot compute the expression: {error.reason}",
            "sql",
            "write it with functions and types that DuckDB has",
        )


def bind_derive(tree: exp.Expr, context: BindContext) -> Generator:
    """The generator. Raises NotFoundError."""
    sql, columns = _named(tree, context)
    return DeriveGenerator(context.targets[0], sql, columns)


def _named(tree: exp.Expr, context: BindContext) -> tuple[str, tuple[tuple[str, ReadColumn], ...]]:
    """The expression in DuckDB's SQL over columns of one table, and what is in each of them."""
    columns: dict[str, ReadColumn] = {}

    def renamed(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        found = context.columns.find(column_text(node))
        if isinstance(found, ParentColumn):
            name = f"{'.'.join(found.via)}.{found.name}"
            columns[name] = found
            return exp.column(exp.to_identifier(name, quoted=True))
        columns[found.name] = found
        names = [part.name for part in node.parts]
        if len(names) > 1 and found.name != names[-1] and names[-2].lower() == found.name.lower():
            return node  # a field of a column
        return exp.column(exp.to_identifier(found.name, quoted=True))

    return tree.copy().transform(renamed).sql("duckdb", identify=True), tuple(columns.items())


@dataclass(frozen=True, slots=True)
class DeriveGenerator:
    """One column computed by DuckDB from columns of the batch and of its parents."""

    target: Target
    sql: str
    columns: tuple[tuple[str, ReadColumn], ...]

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        arrays = {_ROW: pa.nulls(batch.rows, pa.int8())}  # an expression without columns has as many rows too
        arrays |= {name: column.values(batch) for name, column in self.columns if isinstance(column, OwnColumn)}
        arrays |= self._of_parents(batch)
        try:
            result = sql_rows.columns(pa.table(arrays), [self.sql])
        except sql_rows.CannotEvaluateError:
            raise SsgError(
                f"Column `{self.target.name}` cannot be derived from some of the rows", f"look at `derive: {self.sql}`"
            ) from None
        return [cast_to(result.column(0), self.target.type)]

    def _of_parents(self, batch: Batch) -> dict[str, pa.Array]:
        """The parents' columns, each parent looked up once."""
        parents: dict[tuple[tuple[str, ...], str, tuple[str, ...]], list[tuple[str, ParentColumn]]] = {}
        for name, column in self.columns:
            if isinstance(column, ParentColumn):
                parents.setdefault((column.via, column.node, column.key), []).append((name, column))
        found: dict[str, pa.Array] = {}
        for wanted in parents.values():
            found |= zip([name for name, _ in wanted], parent_values([c for _, c in wanted], batch), strict=True)
        return found
