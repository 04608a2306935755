"""`tests/**/*.yml` → `UnitTest`s: rows of source tables, and what a statistic makes of them.

```yaml
unit_tests:
  - name: jokes_are_left_out
    stat: age_stats
    given:
      - table: users
        rows: [{id: a, age: 30}, {id: b, age: 2014}]
    expect:
      query_result: {rows: [{id: a, age: 30}]}
      answer: {rows: [{mean: 30, std_dev: null}]}
```

Files below `tests/fixtures/` are not read by themselves: they are for `file:`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location, sort_diagnostics
from ssgproj.project import yaml_node as y
from ssgproj.project.model import NOWHERE, TableName
from ssgproj.project.names import parse_table_name
from ssgproj.project.reader import Converted, Field, ListOf, MapOf, OneOf, Plain, Record
from ssgproj.project.reading import INVALID, PROJECT_CODES, Failure, Reading
from ssgproj.project.scalar_types import Integer, Number, Text, Word
from ssgproj.project.yaml_file import read_yaml

TESTS_DIR = "tests"
FIXTURES_DIR = "fixtures"
REFUSED = "refused"
"""What `expect: {answer: refused}` says: too few people stand behind a row, so nothing is released."""
_MAX_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows by column; what a row does not name is NULL. `columns` are those that any row names, with where it first does.

    `as_text`: values are texts (of CSV) to be read as the type of what they are compared with or put into.
    """

    columns: Mapping[str, Location]
    rows: tuple[Mapping[str, Any], ...]
    as_text: bool = False
    at: Location = field(default=NOWHERE, compare=False, repr=False)
    places: tuple[Location, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    """The rows of one source table."""

    table: TableName
    rows: Rows
    at: Location = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Expect:
    """What is expected; None where nothing is said. `refused`: nothing is released."""

    query_result: Rows | None = None
    answer: Rows | None = None
    refused: bool = False
    tolerance: float | None = None


@dataclass(frozen=True, slots=True)
class UnitTest:
    """One test of one statistic. `now` is the clock of its query; None is the project's."""

    name: str
    stat: str
    given: tuple[Given, ...]
    expect: Expect
    description: str | None = None
    min_people: int | None = None
    now: datetime | None = None
    path: str = ""
    at: Location = field(default=NOWHERE, compare=False, repr=False)
    stat_at: Location = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class _RowsType:
    """`rows:`, `csv:` or `file:`; reads to `Rows`."""

    root: Path | None = None
    what: str = "rows"

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Mapping

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        values = Record(FORMS, _same, self.what, requires_any=tuple(FORMS)).read(node, reading, name)
        return INVALID if values is INVALID else rows_of(node, values, reading, name, self.root)

    def schema(self) -> dict[str, Any]:
        return Record(FORMS, _same, self.what, requires_any=tuple(FORMS)).schema()


def _same(values: dict[str, Any], at: Location) -> dict[str, Any]:
    return values


FORMS: dict[str, Field] = {
    "rows": Field(ListOf(MapOf(Plain(), "a row: a mapping by column"), noun="a list of rows"), "Rows, each a mapping by column; `[]` is no row."),
    "csv": Field(Text("CSV text"), "Rows as CSV with a header line; an empty field is NULL, `\"\"` an empty text."),
    "file": Field(Text("a CSV file"), "A CSV file, relative to tests/: `fixtures/users.csv`."),
}  # fmt: skip


def rows_of(node: y.Node, values: Mapping[str, Any], reading: Reading, name: str, root: Path | None) -> Any:
    """The rows that a mapping gives in one of the three forms."""
    given = [form for form in FORMS if form in values]
    entries = node.entries if type(node) is y.Mapping else {}
    if len(given) != 1:
        return reading.bad_value(f"`{name}` has {' and '.join(f'`{g}`' for g in given)}", node, "keep one of them")
    (form,) = given
    place = entries[form].value
    at = reading.file.at(place)
    if form == "rows":
        return _written(place, values["rows"], reading, at)
    text = values["csv"] if form == "csv" else _file_text(values["file"], place, reading, root)
    if text is INVALID:
        return INVALID
    try:
        columns, rows = read_csv(text)
    except ValueError as error:
        return reading.bad_value(f"`{form}` is no CSV: {error}", place, "a header line, then a line for each row")
    return Rows(dict.fromkeys(columns, at), tuple(dict(zip(columns, row, strict=True)) for row in rows), True, at)


def _written(place: y.Node, rows: tuple[Any, ...], reading: Reading, at: Location) -> Rows:
    columns: dict[str, Location] = {}
    places = []
    for item in place.items if type(place) is y.Sequence else []:
        if type(item) is y.Mapping:
            places.append(reading.file.at(item))
            for column, entry in item.entries.items():
                columns.setdefault(column, reading.file.at(entry.key, True))
    return Rows(columns, rows, False, at, tuple(places))


def _file_text(name: str, place: y.Node, reading: Reading, root: Path | None) -> Any:
    if root is None:
        return INVALID
    directory = root / TESTS_DIR
    path = (directory / name).resolve()
    if not path.is_relative_to(root.resolve()):
        return reading.bad_value(f"`{name}` is outside the project", place, f"put it into {TESTS_DIR}/{FIXTURES_DIR}/")
    try:
        if path.stat().st_size > _MAX_BYTES:
            return reading.bad_value(f"`{name}` is too large for a test", place, "keep a few rows")
        return path.read_bytes().decode("utf-8-sig")
    except OSError:
        return reading.bad_value(f"There is no file `{TESTS_DIR}/{name}`", place, f"ls {TESTS_DIR}/{FIXTURES_DIR}")
    except UnicodeDecodeError:
        return reading.bad_value(f"`{name}` is not UTF-8 text", place, "save the file as UTF-8")


def read_csv(text: str) -> tuple[list[str], list[list[str | None]]]:
    """The header and the rows of CSV text; an empty field is None unless it is quoted. Raises ValueError with the line."""
    lines = list(_records(text))
    if not lines:
        raise ValueError("there is no header line")
    header = [cell or "" for cell in lines[0][1]]
    if len(set(header)) < len(header) or not all(header):
        raise ValueError("a column has no name, or two have the same")
    rows = []
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            raise ValueError(f"line {number} has {len(cells)} fields, and the header {len(header)}")
        rows.append(cells)
    return header, rows


def _records(text: str) -> Iterator[tuple[int, list[str | None]]]:
    """Lines that are not empty, with their numbers. Blanks around fields are not part of them."""
    at, line, end = 0, 1, len(text)
    while at < end:
        cells: list[str | None] = []
        first = line
        while True:
            while at < end and text[at] in " \t":
                at += 1
            if at < end and text[at] == '"':
                close = at + 1
                while (close := text.find('"', close)) != -1 and text[close + 1 : close + 2] == '"':
                    close += 2
                if close == -1:
                    raise ValueError(f"a quote in line {line} is not closed")
                cell = text[at + 1 : close].replace('""', '"')
                line += cell.count("\n")
                at = close + 1
                cells.append(cell)
                while at < end and text[at] in " \t\r":
                    at += 1
                if at < end and text[at] not in ",\n":
                    raise ValueError(f"text follows a closed quote in line {line}")
            else:
                stop = min((i for i in (text.find(",", at), text.find("\n", at)) if i != -1), default=end)
                cells.append(text[at:stop].strip() or None)
                at = stop
            if at < end and text[at] == ",":
                at += 1
                continue
            at += 1
            line += 1
            break
        if cells != [None]:
            yield first, cells


def _table(text: str, at: Location) -> Any:
    return parse_table_name(text) or Failure(f"cannot be `{text}`", "write `table` or `schema.table`")


def _moment(text: str, at: Location) -> Any:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return Failure("must be a date or a date and time", 'for example: now: "2025-01-01 12:00"')
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@dataclass(frozen=True, slots=True)
class _GivenType:
    """One item of `given:`: the table, and its rows in one of the three forms."""

    root: Path | None = None
    what: str = "a table with rows"

    @property
    def record(self) -> Record:
        table = Field(
            Converted(Text("a table"), _table), "A table of the models: `users`, `shop.orders`.", required=True
        )
        return Record({"table": table, **FORMS}, _same, self.what, requires_any=tuple(FORMS))

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Mapping

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        values = self.record.read(node, reading, name)
        if values is INVALID:
            return INVALID
        rows = rows_of(node, values, reading, name, self.root)
        at = reading.file.at(node.entries["table"].value, True) if type(node) is y.Mapping else NOWHERE
        return INVALID if rows is INVALID else Given(values["table"], rows, at)

    def schema(self) -> dict[str, Any]:
        return self.record.schema()


def _expected(values: dict[str, Any], at: Location) -> Expect:
    answer = values.get("answer")
    refused = answer == REFUSED
    return Expect(values.get("query_result"), None if refused else answer, refused, values.get("tolerance"))


def file_record(root: Path | None = None) -> Record:
    """What a file of unit tests may say. `root` is the project, where files of rows are."""
    rows = _RowsType(root)
    expect = Record(
        {
            "query_result": Field(rows, "The rows of `query_result`; only the columns that are named are compared."),
            "answer": Field(OneOf((rows, Word((REFUSED,))), "rows, or `refused`"), "The rows of the answer, without noise; or `refused`."),
            "tolerance": Field(Number(minimum=0), "By how much a number may differ; default: a millionth of it."),
        },
        _expected,
        "what is expected",
        requires_any=("query_result", "answer"),
    )  # fmt: skip
    test = Record(
        {
            "name": Field(Text("a name", pattern=r"[^\W\d][\w-]*", example="name: jokes_are_left_out"), "The test's name.", required=True),
            "description": Field(Text(), "For people."),
            "stat": Field(Text("a statistic"), "The statistic: the name of its file in stats/.", required=True),
            "given": Field(ListOf(_GivenType(root), noun="a list of tables"), "Rows of source tables; those not given are empty."),
            "expect": Field(expect, "What the statistic makes of them.", required=True),
            "min_people": Field(Integer(1), "Instead of the statistic's own, for this test."),
            "now": Field(Converted(Text(), _moment), "The clock of the query (UTC); default: the project's `generation.now`."),
        },
        _same,
        "a unit test",
        keep_node=True,
    )  # fmt: skip
    tests = ListOf(test, noun="a list of unit tests")
    return Record({"unit_tests": Field(tests, "Unit tests of statistics.", required=True)}, _same, "unit tests")


def parse_unit_tests(root: Path) -> tuple[tuple[UnitTest, ...], list[Diagnostic]]:
    """All unit tests, by file and place, and what is wrong with the files. Names of other things are not looked up here."""
    directory = root / TESTS_DIR
    tests: list[UnitTest] = []
    problems: list[Diagnostic] = []
    if not directory.is_dir():
        return (), []
    record = file_record(root)
    paths = sorted({*directory.rglob("*.yml"), *directory.rglob("*.yaml")})
    for path in paths:
        if FIXTURES_DIR in path.relative_to(directory).parts[:-1]:
            continue
        name = path.relative_to(root).as_posix()
        file, found = read_yaml(path, name)
        problems += found
        reading = Reading(file, PROJECT_CODES, problems)
        if file.root is None:
            if not found:
                reading.add("PJ005", "missing-key", "The file is empty", Location(name), "write `unit_tests:`")
            continue
        values = record.read(file.root, reading, name)
        for each in values["unit_tests"] if values is not INVALID else ():
            test = _test(each, reading, name)
            first = next((t for t in tests if t.name == test.name and t.stat == test.stat), None)
            if first is not None:
                message = f"`{test.stat}` has a test `{test.name}` already"
                reading.add("PJ006", "bad-value", message, test.at, f"it is in {first.at}: rename one")
            else:
                tests.append(test)
    return tuple(tests), sort_diagnostics(problems)


def _test(values: dict[str, Any], reading: Reading, path: str) -> UnitTest:
    entries = values.pop("@").entries
    given = values.pop("given", ())
    tables = [g.table for g in given]
    for one in [g for i, g in enumerate(given) if g.table in tables[:i]]:
        reading.add("PJ006", "bad-value", f"`{one.table}` is given twice", one.at, "put its rows together")
    at, stat_at = (reading.file.at(entries[key].value, True) for key in ("name", "stat"))
    return UnitTest(**values, given=given, path=path, at=at, stat_at=stat_at)
