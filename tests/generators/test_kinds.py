"""Generators of texts, moments, keys and documents."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from ssgproj.errors import SsgError
from ssgproj.generators.base import Restriction


def test_constant_and_null(make: Any) -> None:
    """One value; another column's; none."""
    assert make("{constant: 2020-05-01}", "date", rows=2) == [date(2020, 5, 1)] * 2
    assert make("{constant: column.a}", "text", rows=2, columns={"a": [1, 2]}) == ["1", "2"]
    assert make('"null"', "integer", rows=2, nullable=True) == [None, None]
    assert make.problems('"null"', "integer")
    assert make.problems("{constant: abcd}", "varchar(3)")
    assert make.problems("{constant: 300}", "tinyint")


@pytest.mark.parametrize(
    ("text", "shape"), [("[A-Z]{2}-[0-9]{4}", r"[A-Z]{2}-[0-9]{4}"), ("[a-z]{3,6}", r"[a-z]{3,6}")]
)
def test_pattern(make: Any, text: str, shape: str) -> None:
    """Whole texts match, of all lengths."""
    values = make(f'{{pattern: "{text}"}}', rows=2000)
    assert all(re.fullmatch(shape, v) for v in values)
    lengths = {len(v) for v in values}
    assert lengths == ({7} if "Z" in text else {3, 4, 5, 6})


def test_mask(make: Any) -> None:
    """Capital letters and digits."""
    assert all(re.fullmatch(r"[A-Z]{2}-\d{3}x", v) for v in make('{pattern: {mask: "@@-###x"}}'))


@pytest.mark.parametrize(
    ("text", "type_", "message"),
    [
        ("pattern", "text", "needs a regular expression"),
        ('{pattern: "(a)\\\\1"}', "text", "refers back"),
        ('{pattern: "a{5}"}', "varchar(3)", "fits"),
        ('{pattern: {mask: "####"}}', "varchar(3)", "longer"),
        ("uuid", "varchar(20)", "too short"),
        ("uuid", "integer", "cannot fill"),
        ("{sequence: {step: 0}}", "integer", "`step` is 0"),
        ("{boolean: 2}", "boolean", "between 0 and 1"),
        ("{date: {min: soon}}", "date", "not a date"),
        ("{date: {min: 2021-01-01, max: 2020-01-01}}", "date", "later"),
        ("{duration: {min: long}}", "interval", "not a duration"),
        ("{references: users}", "integer", "a table and a column"),
        ("{derive: 'a +'}", "integer", "no SQL"),
        ("{derive: 'random()'}", "integer", "another value each time"),
        ("{derive: '(select 1)'}", "integer", "more than the row"),
        ("{json: {fields: {a: {integer: {min: 2, max: 1}}}}}", "json", "Field `a`"),
    ],
)
def test_mistakes_are_named(make: Any, text: str, type_: str, message: str) -> None:
    """Each before a row is made."""
    problems = make.problems(text, type_)
    assert any(message in p.message for p in problems), problems


def test_uuid_forms(make: Any) -> None:
    """As the column can hold it."""
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", v)
        for v in make("uuid", "uuid")
    )
    assert {len(v) for v in make("uuid", "char(32)")} == {32}
    assert {len(v) for v in make("uuid", "binary(16)")} == {16}
    assert len(set(make("uuid", "uuid", rows=10_000))) == 10_000


def test_sequence(make: Any) -> None:
    """By row number; texts padded; an overflow is an error, not a repeat."""
    assert make("{sequence: {start: 5, step: 2}}", "integer", rows=3, start=10) == [25, 27, 29]
    assert make("{sequence: {prefix: 'I-', width: 3}}", "text", rows=2) == ["I-001", "I-002"]
    with pytest.raises(SsgError, match="passes the end"):
        make("{sequence: {start: 126}}", "tinyint", rows=5)


def test_text(make: Any) -> None:
    """So many words, cut to the column."""
    assert {len(v.split()) for v in make("{text: {words: 4}}")} == {4}
    assert max(len(v) for v in make("{text: {words: 9}}", "varchar(12)")) <= 12


def test_dates(make: Any) -> None:
    """Both ends are included; other columns may be bounds."""
    values = make("{date: {min: 2024-01-01, max: 2024-01-03}}", "date")
    assert set(values) == {date(2024, 1, d) for d in (1, 2, 3)}
    start = [date(2024, 1, 1), date(2030, 6, 1), None]
    after = make("{date: {min: column.start, within: 5 days}}", "date", rows=3, columns={"start": start}, nullable=True)
    assert after[2] is None
    assert all(timedelta(0) <= a - s <= timedelta(5) for a, s in zip(after[:2], start[:2], strict=True))
    before = make("{date: {max: column.start}}", "date", rows=2, columns={"start": start[:2]})
    assert all(b <= s for b, s in zip(before, start, strict=False))


def test_datetimes(make: Any) -> None:
    """`now` is the project's; zones are UTC; texts are ISO."""
    values = make("{datetime: {min: 2024-12-31, max: now}}", "timestamptz")
    assert min(values) >= datetime(2024, 12, 31, tzinfo=UTC) and max(values) <= datetime(2025, 1, 1, tzinfo=UTC)
    made = [datetime(2024, 5, 1, 12, 0, 0, 5)]
    (after,) = make("{datetime: {min: column.made, within: 2 hours}}", "timestamp", rows=1, columns={"made": made})
    assert made[0] <= after <= made[0] + timedelta(hours=2)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", v) for v in make("datetime", "text"))
    bounded = make(
        "{datetime: {min: 2020-01-01, max: 2024-01-01}}",
        "timestamp",
        restriction=Restriction(lower=datetime(2023, 1, 1)),
    )
    assert min(bounded) >= datetime(2023, 1, 1)


def test_times_and_durations(make: Any) -> None:
    """Within their bounds."""
    values = make('{time: {min: "08:00", max: "08:01"}}', "time")
    assert min(values) >= time(8) and max(values) <= time(8, 1)
    assert set(make("{duration: {min: 1 minute, max: 61 seconds}}", "interval")) == {
        timedelta(seconds=60),
        timedelta(seconds=61),
    }
    assert set(make("{duration: {min: 1 minute, max: 61 seconds}}", "integer")) == {60, 61}


def test_references(make: Any) -> None:
    """Uniform, skewed, or each parent once."""
    parents = {"users": {"id": [10 * i for i in range(1000)], "name": [f"n{i}" for i in range(1000)]}}
    assert set(make("{references: users.id}", "integer", parents=parents)) <= set(parents["users"]["id"])
    skewed = make("{references: users.id, skew: 1.2}", "integer", parents=parents, rows=5000)
    most = max(skewed.count(v) for v in set(skewed))
    assert most > 500
    assert sorted(make("{references: users.id, unique: true}", "integer", parents=parents)) == parents["users"]["id"]
    ids, names = make.columns("{references: [users.id, users.name]}", ["a integer", "b text"], parents=parents)
    assert all(n == f"n{i // 10}" for i, n in zip(ids.to_pylist(), names.to_pylist(), strict=True))
    with pytest.raises(SsgError, match="has no rows"):
        make("{references: users.id}", "integer", parents={"users": {"id": []}})


def test_derive(make: Any) -> None:
    """DuckDB computes it, in the order of the rows, and cannot read files."""
    assert make("{derive: 'a * 2'}", "integer", rows=3, columns={"a": [3, 1, 2]}) == [6, 2, 4]
    assert make("{derive: \"upper(a) || '!'\"}", "text", rows=1, columns={"a": ["x"]}) == ["X!"]
    with pytest.raises(SsgError, match="cannot be derived"):
        make("{derive: 'read_text(a)'}", "text", rows=1, columns={"a": ["/etc/hostname"]})


def test_json(make: Any) -> None:
    """Objects of other generators; other than in a column of their own."""
    values = make("{json: {fields: {n: {integer: {min: 1, max: 3}}, k: {choice: [a, b]}, f: 1, l: [1, 2]}}}", "jsonb")
    made = [json.loads(v) for v in values]
    assert {m["n"] for m in made} == {1, 2, 3} and {m["k"] for m in made} == {"a", "b"}
    assert all(m["f"] == 1 and m["l"] == [1, 2] for m in made)


def test_json_of_every_value(make: Any) -> None:
    """Whatever must be written in another way within JSON, and within SQL; objects in objects."""
    texts = ['say "no"', "a\\b", "ć'\n", "\x01"]
    fixed = {"text": "it's", "deep": {"a": [1, None, {"b": "x"}]}, "none": None}
    fields = fixed | {
        "it's": {"choice": texts}, "share": {"uniform": {"min": 0, "max": 1}}, "on": {"boolean": 0.5},
        "day": {"date": {"min": "2020-01-01", "max": "2020-01-01"}}, "inner": {"json": {"fields": {"n": {"integer": {"min": 7, "max": 7}}}}},
    }  # fmt: skip
    made = [json.loads(v) for v in make(json.dumps({"json": {"fields": fields}}), "json", rows=200)]
    assert {m["it's"] for m in made} == set(texts)
    assert all(0 <= m["share"] <= 1 for m in made) and {m["on"] for m in made} == {True, False}
    same = {k: v for k, v in made[0].items() if k not in ("it's", "share", "on")}
    assert same == fixed | {"day": "2020-01-01", "inner": {"n": 7}}


def test_mimesis(make: Any) -> None:
    """Names in the project's language; arguments; pools; types."""
    assert len(set(make("{mimesis: person.full_name}", rows=200))) > 100
    assert all(re.fullmatch(r"[A-Z]{2}\d\d", v) for v in make('{mimesis: person.identifier, mask: "@@##"}', rows=50))
    assert len(set(make("{mimesis: person.full_name, pool: 5}", rows=200))) <= 5
    assert {
        type(v) for v in make("{mimesis: {method: person.weight, minimum: 50, maximum: 60}}", "integer", rows=20)
    } == {int}
    female = set(make("{mimesis: person.first_name, gender: female}", rows=50))
    assert female and not female & set(make("{mimesis: person.first_name, gender: male}", rows=50))
    assert make("{mimesis: address.city, locale: de}", rows=5) != make("{mimesis: address.city, locale: fr}", rows=5)
    assert max(make("{mimesis: datetime.date}", "date", rows=300)).year <= 2025
    assert max(len(v) for v in make("{mimesis: text.sentence}", "varchar(10)", rows=20)) <= 10


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{mimesis: persn.full_name}", "no provider `persn`", "person"),
        ("{mimesis: person.fullname}", "no method `fullname`", "full_name"),
        ("{mimesis: full_name}", "not `provider.method`", "person.full_name"),
        ('{mimesis: person.identifier, msk: "#"}', "no argument `msk`", "mask"),
        ("{mimesis: person.full_name, locale: xx}", "no language", "expected"),
        ("{mimesis: person.full_name, pool: 0}", "less than 1", "1000"),
        ("{mimesis: numeric.increment}", "counts from 1", "sequence"),
    ],
)
def test_mimesis_mistakes(make: Any, text: str, message: str, hint: str) -> None:
    """Provider, method, argument and language are checked before a row is made."""
    problems = make.problems(text)
    assert any(message in p.message and hint in (p.hint or "") for p in problems), problems


def test_the_same_values_in_every_process() -> None:
    """Neither the hash seed, nor the time zone, nor the clock matters."""
    code = textwrap.dedent(
        """
        import sys, time, datetime as d
        if sys.argv[1] == "later":
            class Later(d.datetime):
                @classmethod
                def now(cls, tz=None): return cls(2035, 5, 5)
            d.datetime = Later
        from ssgproj.generators.mimesis_provider import caller
        calls = ["internet.query_parameters", "datetime.timestamp", "datetime.date", "datetime.past_datetime", "development.calver",
                 "person.birthdate", "datetime.formatted_datetime", "person.email", "address.address"]
        print([str(v) for c in calls for v in caller(c, {}, "en", d.datetime(2025, 1, 1))(7, 5)])
        """
    )
    seen = set()
    for seed, zone, when in (("1", "Asia/Tokyo", "now"), ("2", "America/New_York", "later")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        run = subprocess.run(
            [sys.executable, "-c", code, when], capture_output=True, text=True, check=True, env=environment
        )
        seen.add(run.stdout)
    assert len(seen) == 1


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "generators").mkdir()
    (tmp_path / "generators" / "shared.py").write_text("FIRST = 7\n")
    (tmp_path / "generators" / "own.py").write_text(
        textwrap.dedent(
            """
            from generators.shared import FIRST
            from ssgproj.generators.python import batch

            def row(ctx, least=0):
                return ctx.row + FIRST + least

            def pair(ctx):
                start = ctx.random.randint(1, 100)
                return start, start + 1

            def named(ctx):
                return {"b": ctx.columns["x"], "a": None}

            @batch
            def whole(ctx):
                return ctx.numpy.normal(50, 1, ctx.rows)

            @batch
            def short(ctx):
                return [1]

            def broken(ctx):
                return 1 / 0

            def wrong(ctx):
                return "secret words"
            """
        )
    )
    return tmp_path


def test_python_functions(make: Any, project: Path) -> None:
    """Per row, per batch, for several columns; modules of the project import each other."""
    assert make("{python: generators.own.row}", "integer", rows=3, start=4, root=project) == [11, 12, 13]
    assert make("{python: generators.own.row, arguments: {least: 5}}", "integer", rows=1, root=project) == [12]
    first, second = make.columns("{python: generators.own.pair}", ["a integer", "b integer"], root=project)
    assert [v + 1 for v in first.to_pylist()] == second.to_pylist()
    a, b = make.columns(
        "{python: generators.own.named, uses: x}",
        ["a integer", "b integer"],
        rows=2,
        columns={"x": [1, 2]},
        root=project,
        nullable=True,
    )
    assert (a.to_pylist(), b.to_pylist()) == ([None, None], [1, 2])
    assert 45 < sum(make("{python: generators.own.whole}", "integer", root=project)) / 1000 < 55


def test_python_failures_say_where_and_never_what(make: Any, project: Path) -> None:
    """The line in the user's file; no value."""
    with pytest.raises(SsgError, match=r"ZeroDivisionError at generators/own\.py:\d+"):
        make("{python: generators.own.broken}", "integer", root=project)
    with pytest.raises(SsgError, match="1 values for 1000 rows"):
        make("{python: generators.own.short}", "integer", root=project)
    with pytest.raises(SsgError) as caught:
        make("{python: generators.own.wrong}", "integer", root=project)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{python: generators.own.pear}", "no function `pear`"),
        ("{python: generators.none.row}", "no file `generators/none.py`"),
        ("{python: row}", "not `module.function`"),
        ("{python: generators.own.row, arguments: {leest: 1}}", "no argument `leest`"),
    ],
)
def test_python_mistakes(make: Any, project: Path, text: str, message: str) -> None:
    """Found by reading the file, which is not run."""
    problems = make.problems(text, root=project)
    assert any(message in p.message for p in problems), problems
