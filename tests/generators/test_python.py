"""Functions of the project: their parameters and arguments, checked without running them, and what they return."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ssgproj.errors import SsgError
from ssgproj.testing import call_generator

OWN = """
from __future__ import annotations
import functools
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Literal, Optional, Sequence
from generators.deep.shared import shared, keeps, hides
from ssgproj.generators import python as ssg
from ssgproj.generators.python import BatchContext, RowContext, batch

def booking(start: date, days: int, mean: float = 0.0, n: int = 1) -> date:
    return start + timedelta(days=days * n + int(mean))

def only(x, /, y, *, z=1):
    return x + y + z

def gap(a=1, b=2, /, c=3):
    return f"{a}{b}{c}"

def by_name(*, x, y=10):
    return x + y

def spread(first, *rest):
    return f"{first}{rest}"

def anything(**more):
    return ",".join(f"{k}={v}" for k, v in sorted(more.items()))

def filled(generic, random, numpy):
    return f"{generic.person.first_name()} {random.random()} {numpy.normal()}"

def own_random(random: int):
    return random

def context(days: int, where: RowContext):
    return f"{where.row} {days} {where.columns}"

def nested(options, pair):
    return f"{options['a']} {options['b']['c']} {pair}"

def typed(day: date | None = None, at: datetime | None = None, word: Literal["a", "b"] = "a", tags: list[str] | None = None,
          price: Optional[Decimal] = None, on: bool = False):
    return f"{day} {at} {word} {tags} {price} {on}"

def rates(devices, counts: list[int], one: int, rows_of):
    return f"{devices} {counts} {one} {rows_of}"

def average(value: float):
    return value

def keep_on(items: list[int]):
    items.append(1)
    return len(items)

@keeps
def wrapped(a, b=2):
    return a + b

@hides
def hidden(a):
    return a

@hides
@functools.wraps(booking)
def twice(a):
    return a

made = partial(by_name, x=1)
short = lambda a, b: a + b
other = booking

def rows_of_values():
    yield 1

async def later():
    return 1

def secret(a):
    return {"x": 1}[f"hunter{a}"]

def text_for_two():
    return "ab"

def incomplete():
    return {"a": 1}

def one_too_many():
    return {"a": 1, "b": 2, "bb": 3}

@batch
def sums(a, b, factor=1):
    import pyarrow.compute as pc
    return pc.multiply(pc.add(a, b), factor)

@ssg.batch
def table(rows, numpy, low: int = 0):
    import pyarrow as pa
    return pa.table({"b": numpy.integers(low, low + 5, rows), "a": list(range(rows))})

@batch
def scalar(rows):
    return 5

@batch
def with_context(c: BatchContext, column):
    return [c.rows] * len(column)

if True:
    def conditional(a):
        return a
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    deep = tmp_path / "generators" / "deep"
    deep.mkdir(parents=True)
    (deep / "shared.py").write_text(
        textwrap.dedent(
            """
            import functools

            def shared(a, b):
                return a * b

            def keeps(f):
                @functools.wraps(f)
                def inner(*args, **kwargs):
                    return f(*args, **kwargs)
                return inner

            def hides(f):
                def inner(*args, **kwargs):
                    return f(*args, **kwargs)
                return inner
            """
        )
    )
    (deep / "inner.py").write_text("from .shared import shared as renamed\nfrom ..own import booking\n")
    (tmp_path / "generators" / "own.py").write_text(OWN)
    for name in [n for n in sys.modules if n == "generators" or n.startswith("generators.")]:
        del sys.modules[name]
    return tmp_path


STATS = {
    "age": {"mean": [40.5], "spread": [3.0]},
    "one": {"n": [7]},
    "devices": {"device": ["mac", "pc"], "users": [3, 4]},
}


def test_any_signature(make: Any, project: Path) -> None:
    """By position, by name, beside the generator or under `arguments`."""
    two = {"x": [1, 2], "y": [10, 20]}
    days = make(
        "{python: generators.own.booking, start: column.x, arguments: {days: 30, mean: stat.age.mean, n: var.n}}", "date",
        rows=2, columns={"x": [date(2024, 1, 1), date(2024, 2, 1)]}, stats=STATS, variables={"n": 2}, root=project,
    )  # fmt: skip
    assert days == [date(2024, 4, 10), date(2024, 5, 11)]

    def made(text: str, type_: str = "text") -> list[Any]:
        return list(make(text, type_, rows=2, columns=two, root=project, stats=STATS))

    assert made("{python: generators.own.only, x: column.x, y: column.y}", "integer") == [12, 23]
    assert made("{python: generators.own.only, x: 1, y: 2, z: column.y}", "integer") == [13, 23]
    assert made("{python: generators.own.gap, c: column.x}") == ["121", "122"]
    assert made("{python: generators.own.gap, b: column.x}") == ["113", "123"]
    assert made("{python: generators.own.by_name, x: column.x}", "integer") == [11, 12]
    assert made("{python: generators.own.by_name, x: 1, y: column.y}", "integer") == [11, 21]
    assert made("{python: generators.own.spread, first: column.x, rest: [a, column.y]}") == ["1('a', 10)", "2('a', 20)"]
    assert made("{python: generators.own.anything, p: 1, q: column.x}") == ["p=1,q=1", "p=1,q=2"]
    assert made("{python: generators.own.own_random, random: 4}", "integer") == [4, 4]
    assert made("{python: generators.own.context, days: 3, uses: x}") == ["0 3 {'x': 1}", "1 3 {'x': 2}"]
    assert made("{python: generators.own.nested, options: {a: column.x, b: {c: [column.y, 1]}}, pair: [1, 2]}") == [
        "1 [10, 1] [1, 2]",
        "2 [20, 1] [1, 2]",
    ]
    assert made("{python: generators.own.wrapped, a: column.x}", "integer") == [3, 4]
    assert made("{python: generators.own.hidden, a: column.x}", "integer") == [1, 2]
    assert made("{python: generators.own.made, y: column.x}", "integer") == [2, 3]
    assert made("{python: generators.own.short, a: column.x, b: column.y}", "integer") == [11, 22]
    assert made("{python: generators.own.conditional, a: 5}", "integer") == [5, 5]
    assert made("{python: generators.own.shared, a: column.x, b: 3}", "integer") == [3, 6]
    assert made("{python: generators.deep.inner.renamed, a: column.x, b: 3}", "integer") == [3, 6]
    names = made("{python: generators.own.filled}")
    assert names == made("{python: generators.own.filled}")
    assert len(set(names)) == 2


def test_batches_take_and_return_arrow(make: Any, project: Path) -> None:
    """Columns as arrays, also within lists; a table by the names of its columns."""
    two = {"x": [1, 2], "y": [10, 20]}
    assert make(
        "{python: generators.own.sums, a: column.x, b: column.y, factor: 2}",
        "integer",
        rows=2,
        columns=two,
        root=project,
    ) == [22, 44]
    a, b = make.columns("{python: generators.own.table, low: 100}", ["a integer", "b integer"], rows=3, root=project)
    assert a.to_pylist() == [0, 1, 2]
    assert all(100 <= v < 105 for v in b.to_pylist())
    assert make(
        "{python: generators.own.with_context, column: column.x}", "integer", rows=2, columns=two, root=project
    ) == [2, 2]


def test_values_are_read_as_annotated(make: Any, project: Path) -> None:
    """YAML has no dates: texts become them where an annotation asks for it."""
    text = "{python: generators.own.typed, day: '2024-02-29', at: now, word: b, tags: [x, var.t], price: 1.5, on: true}"
    (made,) = make(text, rows=1, root=project, variables={"t": "y"})
    assert made == "2024-02-29 2025-01-01 00:00:00 b ['x', 'y'] 1.5 True"


def test_statistics_as_values_columns_and_rows(make: Any, project: Path) -> None:
    """One value without GROUP BY, the column with one; the rows of the whole."""
    text = "{python: generators.own.rates, devices: stat.devices.device, counts: stat.one.n, one: stat.one, rows_of: stat.devices}"
    (made,) = make(text, rows=1, root=project, stats=STATS)
    assert made == ("['mac', 'pc'] [7] 7 [{'device': 'mac', 'users': 3}, {'device': 'pc', 'users': 4}]")


def test_lists_are_whole_in_every_batch(make: Any, project: Path) -> None:
    text = "{python: generators.own.keep_on, items: [5]}"
    assert make(text, "integer", rows=2, root=project) == make(text, "integer", rows=2, root=project) == [2, 3]


@pytest.mark.parametrize(
    ("text", "option", "message", "hint"),
    [
        ("booking, start: column.x, dayz: 3", "arguments.dayz", "takes no argument `dayz`", "`days`"),
        ("booking, start: column.x", "function", "needs the argument `days`", "days: ..."),
        ("booking", "function", "needs the argument `start`", "start: ..."),
        ("booking, start: column.x, days: thirty", "arguments.days", "takes a whole number, not the text `thirty`", "whole number"),
        ("booking, start: column.x, days: 3.5", "arguments.days", "takes a whole number", ""),
        ("booking, start: column.x, days: true", "arguments.days", "takes a whole number", ""),
        ("booking, start: column.x, days: null", "arguments.days", "takes a whole number", ""),
        ("booking, start: monday, days: 1", "arguments.start", "takes a date", ""),
        ("booking, start: column.x, days: 1, mean: stat.devices.users", "arguments.mean", "has 2 rows", "list"),
        ("booking, start: column.x, days: 1, mean: stat.age", "arguments.mean", "stands for rows", "stat.age.mean"),
        ("booking, start: column.x, days: 1, mean: stat.age.maen", "arguments.mean", "no column `maen`", "`mean`"),
        ("other, start: column.x", "function", "needs the argument `days`", ""),
        ("typed, word: c", "arguments.word", "takes `a` or `b`", ""),
        ("typed, tags: [1]", "arguments.tags", "takes a list of a text", ""),
        ("typed, tags: word", "arguments.tags", "takes a list", ""),
        ("typed, day: [1]", "arguments.day", "takes a date", ""),
        ("only, x: 1", "function", "needs the argument `y`", ""),
        ("wrapped, a: 1, bb: 1", "arguments.bb", "takes no argument `bb`", "`b`"),
        ("shared, a: 1, arguments: {c: 1}", "arguments.c", "takes no argument `c`", ""),
        ("short, a: 1, c: 2", "arguments.c", "takes no argument `c`", "one of: b"),
        ("sums, a: column.x", "function", "needs the argument `b`", ""),
        ("rows_of_values", "function", "yields values", "story"),
        ("later", "function", "asynchronous", ""),
        ("bookin", "function", "no function `bookin`", "`booking`"),
        ("booking, usse: [x]", "arguments.usse", "takes no argument `usse`", "`uses`"),
    ],
)  # fmt: skip
def test_mistakes_are_found_without_running(
    make: Any, project: Path, text: str, option: str, message: str, hint: str
) -> None:
    (project / "generators" / "own.py").write_text(
        "raise SystemExit(9)\n" + OWN.replace("from __future__ import annotations", "")
    )
    problems = make.problems(f"{{python: generators.own.{text}}}", stats=STATS, root=project)
    found = [p for p in problems if message in p.message]
    assert found, problems
    assert found[0].option == option
    assert hint in (found[0].hint or "")


def test_modules_that_are_not_there(make: Any, project: Path) -> None:
    (problem,) = make.problems("{python: generators.onw.booking}", root=project)
    assert problem.hint == "did you mean `generators.own.booking`?"
    (project / "generators" / "bad.py").write_text("x = 1\ndef f(:\n")
    (problem,) = make.problems("{python: generators.bad.f}", root=project)
    assert problem.message == "`generators/bad.py` is not valid Python, line 2"


@pytest.mark.parametrize(
    ("text", "types", "message"),
    [
        ("secret, a: 2", "text", r"`generators\.own\.secret` failed with KeyError at generators/own\.py:\d+"),
        ("text_for_two", ["a text", "b text"], "does not return one value for each of 2 columns"),
        ("incomplete", ["a integer", "b integer"], "returns nothing for column `b`"),
        ("one_too_many", ["a integer", "b integer"], "returns `bb`, which it does not fill"),
        ("scalar", "integer", "returns `int` for a batch, not a column"),
        ("table", ["a integer", "c integer"], "returns nothing for column `c`"),
        ("hidden, a: 1, b: 2", "text", "takes no argument `b`"),
    ],
)
def test_failures_while_rows_are_made(make: Any, project: Path, text: str, types: Any, message: str) -> None:
    """The function, the file and the line; never a value."""
    with pytest.raises(SsgError, match=message) as caught:
        make.columns(f"{{python: generators.own.{text}}}", types, rows=2, root=project)
    assert "hunter2" not in str(caught.value)


def test_a_module_that_fails_says_where(make: Any, project: Path) -> None:
    (project / "generators" / "late.py").write_text("\n\nx = 1 / 0\ndef f(): return 1\n")
    with pytest.raises(SsgError, match=r"ZeroDivisionError at generators/late\.py:3"):
        make("{python: generators.late.f}", root=project)


def in_file(project: Path, name: str) -> Callable[..., Any]:
    from ssgproj.generators.python_source import load_function

    return load_function(project, f"generators.own.{name}")


def test_call_generator_calls_as_a_run_does(project: Path) -> None:
    """In two lines of a test, row by row or whole columns."""
    booking, sums, table = (in_file(project, n) for n in ("booking", "sums", "table"))
    days = call_generator(booking, {"start": "column.on", "days": 2}, columns={"on": [date(2024, 2, 28)] * 2})
    assert days == [date(2024, 3, 1)] * 2
    assert call_generator(sums, {"a": "column.x", "b": "column.x"}, columns={"x": [1, 2]}) == [2, 4]
    assert call_generator(in_file(project, "filled"), seed=1) == call_generator(in_file(project, "filled"), seed=1)
    assert call_generator(in_file(project, "own_random"), {"random": 3}, rows=2) == [3, 3]
    assert call_generator(table, rows=3)["a"] == [0, 1, 2]
    with pytest.raises(SsgError, match="needs the argument `days`"):
        call_generator(booking, {"start": date(2024, 1, 1)})
    with pytest.raises(ValueError, match="columns has no on"):
        call_generator(booking, {"start": "column.on", "days": 1})
    with pytest.raises(KeyError):
        call_generator(in_file(project, "secret"), {"a": 1})


def test_a_plan_orders_columns_by_arguments(tmp_path: Path) -> None:
    """`column.` within arguments makes the order, and what is not there is found with its line."""
    from ssgproj.graph.resolve import resolve
    from ssgproj.plan.compile import compile_plan
    from ssgproj.project.parse import parse_project

    (tmp_path / "models").mkdir()
    (tmp_path / "generators").mkdir()
    (tmp_path / "ssg_project.yml").write_text("name: x\nvars: {n: 2}\n")
    (tmp_path / "generators" / "g.py").write_text("def f(pair, k: int, m=0):\n    return pair[0] + k\n")
    model = (
        "table: t\nrows: 10\ncolumns:\n  b:\n    type: integer\n    generate:\n      python: generators.g.f\n"
        "      arguments:\n        pair: [column.a]\n        k: {K}\n  a: {{type: integer}}\n"
    )
    path = tmp_path / "models" / "t.yml"

    def problems(k: str, **changed: str) -> list[str]:
        text = model.replace("{K}", k).replace("{{", "{").replace("}}", "}")
        for old, new in changed.items():
            text = text.replace(f"column.{old}", new)
        path.write_text(text)
        graph = resolve(parse_project(tmp_path))
        plan, found = compile_plan(graph)
        if not found and not graph.diagnostics:
            order = [g.columns for g in plan.tables["model.t"].groups]
            assert order == [("a",), ("b",)]
        return [f"{d.at} {d.message}" for d in (*graph.diagnostics, *found)]

    assert problems("var.n") == []
    assert problems("three") == ["models/t.yml:10:12 `k` of `f` takes a whole number, not the text `three`"]
    assert problems("1", a="[column.nope, 1]")[0].startswith("models/t.yml:9:")
    assert "Table `t` has no column `nope`" in problems("1", a="column.nope")[0]
    assert "No stat `none`" in problems("1", a="stat.none.x")[0]
    assert "No variable `none`" in problems("var.none")[0]


def test_a_context_only_where_it_is_wanted() -> None:
    """A first parameter without annotation, default and argument gets it, whatever its name."""

    def old(c: Any, k: int = 1) -> Any:
        return c

    def unannotated(c, k=1):  # type: ignore[no-untyped-def]
        return c.row + k

    def none() -> int:
        return 1

    assert call_generator(unannotated, {"k": 5}, rows=2) == [5, 6]
    assert call_generator(none, rows=2) == [1, 1]
    with pytest.raises(SsgError, match="needs the argument `c`"):
        call_generator(old)
    assert call_generator(lambda ctx: ctx.now, now=datetime(2020, 1, 1)) == [datetime(2020, 1, 1)]


def test_columns_of_parents(tmp_path: Path) -> None:
    """Through the column that refers, or by the table's name; by the names in `uses` too. Nowhere is told with its place."""
    import duckdb

    from ssgproj import compile_plan, parse_project, resolve, run_plan
    from ssgproj.targets import open_destination

    files = {
        "ssg_project.yml": "name: x\n",
        "generators/parents.py": "def up(name, whole, ctx):\n    return f\"{name.upper()} {whole['n']} {ctx.columns['users.name']}\"\n",
        "models/users.yml": "table: users\nrows: 20\ncolumns:\n  id: {type: bigint, primary_key: true}\n"
        "  name: {type: text, generate: {pattern: '[a-z]{8}'}}\n",
        "models/a_orders.yml": "table: a_orders\nrows: 50\ncolumns:\n  id: {type: bigint, primary_key: true}\n"
        "  label: {type: text, generate: {python: generators.parents.up, name: column.user_id.name, whole: {n: column.users.name}, uses: users.name}}\n"
        "  user_id: {type: bigint, references: users.id}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    graph = resolve(parse_project(tmp_path))
    plan, problems = compile_plan(graph)
    assert not [*graph.diagnostics, *problems]
    run_plan(plan, open_destination(f"duckdb:///{tmp_path}/x.duckdb", tmp_path), workers=1)
    with duckdb.connect(f"{tmp_path}/x.duckdb", read_only=True) as connection:
        rows = connection.execute("SELECT label, name FROM a_orders JOIN users ON users.id = user_id").fetchall()
    assert len(rows) == 50
    assert all(label == f"{name.upper()} {name} {name}" for label, name in rows)
    wrong = files["models/a_orders.yml"].replace("column.user_id.name", "column.user_id.nmae")
    (tmp_path / "models/a_orders.yml").write_text(wrong)
    (found,) = resolve(parse_project(tmp_path)).diagnostics
    line = wrong.splitlines()[4]
    assert (found.at.line, found.at.column) == (5, line.index("column.user_id.nmae") + 1)
    assert found.hint == "did you mean `name`?"
