"""Running one unit test."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ssgproj.errors import SsgError
from ssgproj.unit_tests.answer import Refused, plain_answer, private_answer, run_sql
from ssgproj.unit_tests.check import find_model
from ssgproj.unit_tests.compare import Difference, difference
from ssgproj.unit_tests.tables import create_table, open_database
from ssgproj.unit_tests.translate import translated

if TYPE_CHECKING:
    import duckdb

    from ssgproj.project.model import TableName
    from ssgproj.project.project import Project
    from ssgproj.project.stat import Stat
    from ssgproj.project.unit_test import UnitTest

PASS, FAIL, ERROR = "pass", "fail", "error"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was expected: `query_result` or `answer`. `message` says what is wrong where there are no rows to compare."""

    name: str
    difference: Difference | None = None
    message: str | None = None

    @property
    def passed(self) -> bool:
        return self.message is None and (self.difference is None or self.difference.same)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one test. `error` is why it could not be run."""

    test: UnitTest
    parts: tuple[Part, ...] = ()
    error: SsgError | None = None
    seconds: float = 0.0

    @property
    def status(self) -> str:
        if self.error is not None:
            return ERROR
        return PASS if all(p.passed for p in self.parts) else FAIL


def run_unit_test(project: Project, test: UnitTest) -> Outcome:
    """Run a test whose names are known to be there (`read_unit_tests` found nothing). Never raises SsgError."""
    started = time.perf_counter()
    stat = next(s for s in project.stats if s.name == test.stat)
    parts: tuple[Part, ...] = ()
    error = None
    connection = open_database()
    try:
        parts = tuple(_parts(project, stat, test, connection))
    except SsgError as found:
        error = found
    finally:
        connection.close()
    return Outcome(test, parts, error, time.perf_counter() - started)


def _parts(project: Project, stat: Stat, test: UnitTest, connection: duckdb.DuckDBPyConnection) -> list[Part]:
    names: dict[TableName, str] = {m.table: f"ssg_table_{i}" for i, m in enumerate(project.models)}
    now = test.now or project.settings.generation.now
    if not stat.query_result or (stat.private and not stat.dp):
        raise SsgError(f"The SQL of `{stat.name}` cannot be read", f"ssg lint {stat.path}")
    sql, models = translated(_sent(project, stat), project, now, names)
    given = {m.table: g for g in test.given if (m := find_model(project, g.table)) is not None}
    for model in models:
        create_table(connection, names[model.table], model, given.get(model.table))
    parts = []
    expect = test.expect
    if expect.query_result is not None:
        rows = run_sql(connection, sql, "`query_result`")
        parts.append(Part("query_result", difference(expect.query_result, rows, expect.tolerance)))
    if expect.answer is None and not expect.refused:
        return parts
    if stat.private:
        answer = private_answer(connection, stat, sql)
    else:
        found = plain_answer(connection, stat, sql, test.min_people or stat.min_people)
        if isinstance(found, Refused):
            least = test.min_people or stat.min_people
            said = (
                None
                if expect.refused
                else f"refused: a row rests on {_people(found.fewest)}, and `min_people` is {least}"
            )
            return [*parts, Part("answer", message=said)]
        answer = found
    if expect.refused:
        return [*parts, Part("answer", message="not refused: enough people stand behind every row")]
    assert expect.answer is not None  # noqa: S101 - seen above
    return [*parts, Part("answer", difference(expect.answer, answer, expect.tolerance, rounded=not stat.private))]


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _sent(project: Project, stat: Stat) -> str:
    """What the source is sent: query_result, or the whole query with the count of people. Raises SsgError."""
    from ssgproj.privacy.people import people_query

    if stat.private:
        return stat.query_result
    unit = project.settings.privacy.unit
    if unit is None:
        raise SsgError(
            "The project does not say whose privacy to protect", "write in ssg_project.yml: privacy: {unit: users.id}"
        )
    try:
        return people_query(stat, unit, project.models)
    except ValueError as error:
        raise SsgError(str(error.args[0]), f"ssg lint {stat.path}") from None


def run_unit_tests(project: Project, tests: Sequence[UnitTest]) -> list[Outcome]:
    """Run them one after the other, in the order of files."""
    return [replace(o, seconds=round(o.seconds, 3)) for o in (run_unit_test(project, t) for t in tests)]
