"""What unit tests name and the project does not have: statistics, tables, columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ssgproj.diagnostics import Diagnostic, Location, sort_diagnostics
from ssgproj.project.model import Model, TableName
from ssgproj.project.names import table_text
from ssgproj.project.project import Project
from ssgproj.project.stat import Stat
from ssgproj.project.suggest import suggestion
from ssgproj.project.unit_test import Rows, UnitTest, parse_unit_tests


def read_unit_tests(project: Project) -> tuple[tuple[UnitTest, ...], list[Diagnostic]]:
    """All unit tests of the project, and everything that is wrong with their files."""
    tests, problems = parse_unit_tests(project.root)
    return tests, sort_diagnostics([*problems, *(d for test in tests for d in _check(project, test))])


def find_model(project: Project, table: TableName) -> Model | None:
    """The model of a table; one without a schema is of the default schema, or of the only schema that has the name."""
    default = project.settings.default_schema
    same = [m for m in project.models if m.table.name == table.name]
    exact = [m for m in same if (m.table.schema or default) == (table.schema or default)]
    return exact[0] if exact else same[0] if len(same) == 1 and table.schema is None else None


def _check(project: Project, test: UnitTest) -> Iterator[Diagnostic]:
    stats = {s.name: s for s in project.stats}
    stat = stats.get(test.stat)
    if stat is None:
        hint = suggestion(test.stat, stats) if stats else f"write stats/{test.stat}.sql"
        yield _unknown(f"No stat `{test.stat}`", test.stat_at, hint)
    else:
        yield from _check_expected(test, stat)
    for given in test.given:
        model = find_model(project, given.table)
        if model is None:
            hint = suggestion(table_text(given.table), [table_text(m.table) for m in project.models])
            yield _unknown(f"No model of a table `{table_text(given.table)}`", given.at, hint)
            continue
        names = [c.name for c in model.columns]
        for column, at in given.rows.columns.items():
            if column not in names:
                message = f"Table `{table_text(model.table)}` has no column `{column}`"
                yield _unknown(message, at, suggestion(column, names))


def _check_expected(test: UnitTest, stat: Stat) -> Iterator[Diagnostic]:
    expect = test.expect
    rows = expect.query_result or expect.answer
    at = rows.at if rows else test.at
    if stat.private and expect.refused:
        hint = "write the rows: answer: {rows: [...]}"
        yield _bad(f"`{stat.name}` is differentially private, and is never refused", test.at, hint)
    if not stat.private and expect.query_result is not None:
        message = f"`{stat.name}` has no differential privacy, and so no `query_result`"
        yield _bad(message, at, "write what it releases: answer: {rows: [...]}")
    elif expect.query_result is not None and stat.columns:
        yield from _columns(expect.query_result, [c.name for c in stat.columns], "`query_result` has")
    if expect.answer is not None and stat.outputs:
        yield from _columns(expect.answer, [o.name for o in stat.outputs], f"`{stat.name}` releases")


def _columns(rows: Rows, names: Iterable[str], who: str) -> Iterator[Diagnostic]:
    known = list(names)
    for column, at in rows.columns.items():
        if column not in known:
            yield _unknown(f"{who} no column `{column}`", at, suggestion(column, known, sort=False))


def _unknown(message: str, at: Location, hint: str) -> Diagnostic:
    return Diagnostic("GR301", "unknown-reference", message, at, hint)


def _bad(message: str, at: Location, hint: str) -> Diagnostic:
    return Diagnostic("PJ006", "bad-value", message, at, hint)
