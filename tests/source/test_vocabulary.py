"""Copying vocabularies from real databases and reading them back."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest

from ssgproj.errors import ProjectError, RunError
from ssgproj.project.model import Column, ForeignKey, Model, PrimaryKey, TableName, Vocabulary
from ssgproj.project.project import Project, Settings
from ssgproj.project.types import parse_type
from ssgproj.source.vocabulary import copy_vocabularies
from ssgproj.vocabularies import read_vocabulary, vocabulary_rows


def model(columns: dict[str, str], dialect: str, table: str = "v", key: tuple[str, ...] = ("id",), **more) -> Model:
    return Model(
        TableName(table),
        f"models/{table}.yml",
        tuple(Column(n, parse_type(t, dialect=dialect), nullable=n not in key) for n, t in columns.items()),
        vocabulary=more.pop("vocabulary", Vocabulary("public")),
        primary_key=PrimaryKey(key) if key else None,
        **more,
    )


def project(root: Path, dialect: str, *models: Model) -> Project:
    return Project(root, Settings("p", "p", dialect), models)


def copied(root: Path, dialect: str, url: str, *models: Model):
    return copy_vocabularies(project(root, dialect, *models), models, url, root)


def rows(root: Path, of: Model) -> list[dict]:
    return [r for b in read_vocabulary(root, of) for r in b.to_pylist()]


PG = {
    "id": "integer", "n": "numeric(12, 3)", "free": "numeric", "t": "text", "c": "char(4)", "b": "boolean", "f": "double precision",
    "r": "real", "d": "date", "ti": "time", "ts": "timestamp", "tz": "timestamptz", "u": "uuid", "j": "jsonb", "a": "integer[]", "ta": "text[]",
    "by": "bytea", "i": "interval", "m": "money", "rg": "int4range", "bi": "bit(3)", "tza": "timestamptz[]", "na": "numeric(5,2)[]",
}  # fmt: skip


def test_postgres_types_survive(tmp_path: Path, fresh_postgres: str) -> None:
    with psycopg.connect(fresh_postgres) as c:
        c.execute(f"CREATE TABLE v ({', '.join(f'{n} {t}' for n, t in PG.items())})")
        c.execute(
            "INSERT INTO v VALUES (2, 1.5, 123456789012345678901.123456789, E'a,\"b\"\\n', 'x', true, 0.1, 0.1, '2020-02-29', '12:30:00.25',"
            " '2020-01-01 00:00:00.000001', '2020-01-01 00:00:00+05:30', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{\"a\": 1}', '{1,null}', '{\"x,\",\"\"}',"
            " '\\xdead', '1 day 2 hours', 12.5, '[1,3)', '101', '{2020-01-01 00:00:00+02}', '{1.10,NULL}'), (1"
            + ", NULL" * 22
            + ")"
        )
    v = model(PG, "postgres")
    [done] = copied(tmp_path, "postgres", fresh_postgres, v)
    assert (done.rows, done.changed) == (2, True)
    assert not copied(tmp_path, "postgres", fresh_postgres, v)[0].changed
    empty, full = rows(tmp_path, v)
    assert empty == {**dict.fromkeys(PG), "id": 1}
    assert full["n"] == Decimal("1.500") and full["free"] == Decimal("123456789012345678901.123456789")
    assert full["t"] == 'a,"b"\n' and full["c"] == "x   " and full["b"] is True and full["f"] == 0.1
    assert full["d"] == date(2020, 2, 29) and full["ti"] == time(12, 30, 0, 250000)
    assert full["ts"] == datetime(2020, 1, 1, 0, 0, 0, 1) and full["tz"] == datetime(2019, 12, 31, 18, 30, tzinfo=UTC)
    assert full["u"] == "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" and full["j"] == '{"a": 1}'
    assert full["a"] == [1, None] and full["ta"] == ["x,", ""] and full["by"] == b"\xde\xad"
    assert (
        full["i"].total_seconds() == 93600
        and full["m"] == Decimal("12.50")
        and full["rg"] == "[1,3)"
        and full["bi"] == "101"
    )
    assert full["tza"] == [datetime(2019, 12, 31, 22, tzinfo=UTC)] and full["na"] == [Decimal("1.10"), None]
    assert vocabulary_rows(tmp_path, v) == 2


def test_csv_as_text(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as c:
        c.execute("CREATE TABLE v (id text primary key, a text, n numeric(6,2), w timestamp, z blob)")
        c.executemany(
            "INSERT INTO v VALUES (?,?,?,?,?)",
            [
                ("b", None, 1.5, "2020-01-01 10:00:00.120", b"\x00"),
                ("a", "", None, None, None),
                ("é", 'q"', 2, "2020-01-01", b""),
            ],
        )
    v = model({"id": "text", "a": "text", "n": "numeric(6, 2)", "w": "timestamp", "z": "blob"}, "sqlite")
    copied(tmp_path, "sqlite", f"sqlite:///{tmp_path}/s.db", v)
    text = (tmp_path / "vocabularies/v.csv").read_bytes().decode()
    assert text == 'id,a,n,w,z\na,"",,,\nb,,1.50,2020-01-01T10:00:00.12,\\x00\né,"q""",2.00,2020-01-01T00:00:00,\\x\n'
    assert [r["a"] for r in rows(tmp_path, v)] == ["", None, 'q"']


def test_duckdb_types_survive(tmp_path: Path) -> None:
    types = {
        "id": "hugeint", "e": "enum('x', 'y')", "u": "uuid", "j": "json", "l": "decimal(5,2)[]", "s": "struct(a integer, b varchar)", "m": "map(varchar, integer)",
        "ts": "timestamp_ns", "tz": "timestamptz", "i": "interval", "b": "blob", "ub": "ubigint", "bit": "bit", "t": "time",
    }  # fmt: skip
    with duckdb.connect(str(tmp_path / "s.duckdb")) as c:
        c.execute(f"CREATE TABLE v ({', '.join(f'{n} {t}' for n, t in types.items())})")
        c.execute(
            "INSERT INTO v VALUES (170141183460469231731687303715884105, 'y', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"a\":1}', [1.5, NULL], {'a': 1, 'b': 'q'},"
            " MAP {'k': 1}, '2020-01-01 00:00:00.000001', '2020-01-01 00:00:00+00', INTERVAL 3 HOURS, '\\xAA'::BLOB, 18446744073709551615, '0101', '10:00:00')"
        )
    v = model(types, "duckdb")
    copied(tmp_path, "duckdb", f"duckdb:///{tmp_path}/s.duckdb", v)
    [row] = rows(tmp_path, v)
    assert (
        row["id"] == Decimal(170141183460469231731687303715884105) and row["e"] == "y" and row["u"].startswith("a0ee")
    )
    assert row["l"] == [Decimal("1.50"), None] and row["s"] == {"a": 1, "b": "q"} and row["m"] == [("k", 1)]
    assert (
        row["ts"] == datetime(2020, 1, 1, 0, 0, 0, 1)
        and row["ub"] == 2**64 - 1
        and row["b"] == b"\xaa"
        and row["bit"] == "0101"
    )


def test_columns_and_where(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as c:
        c.execute("CREATE TABLE v (id integer primary key, a text, secret text)")
        c.executemany("INSERT INTO v VALUES (?,?,?)", [(i, "x" * i, "s") for i in range(5)])
    v = model(
        {"id": "integer", "a": "text", "secret": "text"},
        "sqlite",
        vocabulary=Vocabulary("r", ("id", "a"), "id > 2 AND a LIKE 'x%'"),
    )
    copied(tmp_path, "sqlite", f"sqlite:///{tmp_path}/s.db", v)
    assert rows(tmp_path, v) == [{"id": 3, "a": "xxx"}, {"id": 4, "a": "xxxx"}]


@pytest.mark.parametrize(
    "where",
    [
        "1 = 1; DELETE FROM v",
        "id IN (SELECT user_id FROM users)",
        "id = 1 UNION SELECT 1",
        "pg_sleep(10) IS NULL",
        "nobody = 1",
        "count(*) > 1",
        "id = 1 ORDER BY id",
        "id = (",
        "'x'",
    ],
)
def test_where_is_one_condition(tmp_path: Path, where: str) -> None:
    v = model({"id": "integer"}, "postgres", vocabulary=Vocabulary("r", (), where))
    with pytest.raises(ProjectError) as caught:
        copied(tmp_path, "postgres", "postgresql://127.0.0.1:1/none", v)
    assert caught.value.diagnostics[0].code == "PJ033"


def test_reference_to_a_private_table(tmp_path: Path) -> None:
    key = ForeignKey(("made_by",), TableName("users"), ("id",))
    v = model({"id": "integer", "made_by": "integer"}, "sqlite", foreign_keys=(key,))
    with pytest.raises(ProjectError) as caught:
        copied(tmp_path, "sqlite", "sqlite:///none.db", v)
    assert caught.value.diagnostics[0].code == "PJ031"


def test_without_key_all_columns_order(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as c:
        c.execute("CREATE TABLE v (a text, b integer)")
        c.executemany("INSERT INTO v VALUES (?,?)", [("B", 2), ("a", 1), (None, 5), ("B", 1), ("", 0)])
    v = model({"a": "text", "b": "integer"}, "sqlite", key=())
    copied(tmp_path, "sqlite", f"sqlite:///{tmp_path}/s.db", v)
    assert (tmp_path / "vocabularies/v.csv").read_text() == 'a,b\n"",0\nB,1\nB,2\na,1\n,5\n'


def test_large_is_parquet(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "s.duckdb")) as c:
        c.execute("CREATE TABLE v AS SELECT (100000 - i)::INTEGER AS id, [i] AS a FROM range(100001) t(i)")
    v = model({"id": "integer", "a": "bigint[]"}, "duckdb")
    (tmp_path / "vocabularies").mkdir()
    (tmp_path / "vocabularies/v.csv").write_text("id,a\n")
    [done] = copied(tmp_path, "duckdb", f"duckdb:///{tmp_path}/s.duckdb", v)
    assert done.path.name == "v.parquet" and vocabulary_rows(tmp_path, v) == 100001
    assert not (tmp_path / "vocabularies/v.csv").exists()
    first = next(read_vocabulary(tmp_path, v))
    assert first.slice(0, 2).to_pylist() == [{"id": 0, "a": [100000]}, {"id": 1, "a": [99999]}]


def test_bad_values_and_failures_say_nothing_of_rows(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as c:
        c.execute("CREATE TABLE v (id integer primary key, d date)")
        c.execute("INSERT INTO v VALUES (1, 'zq7xxx')")
    v = model({"id": "integer", "d": "date"}, "sqlite")
    with pytest.raises(RunError) as caught:
        copied(tmp_path, "sqlite", f"sqlite:///{tmp_path}/s.db", v)
    assert "zq7" not in caught.value.message and "`d`" in caught.value.message
    assert not (tmp_path / "vocabularies").exists() or not list((tmp_path / "vocabularies").iterdir())
    missing = model({"id": "integer"}, "sqlite", table="nowhere")
    with pytest.raises(RunError):
        copied(tmp_path, "sqlite", f"sqlite:///{tmp_path}/s.db", missing)


def test_mariadb(tmp_path: Path, fresh_mariadb: str) -> None:
    import pymysql
    from sqlalchemy.engine import make_url

    url = make_url(fresh_mariadb)
    types = {
        "id": "int unsigned",
        "n": "decimal(10,2)",
        "t": "time",
        "dt": "datetime(6)",
        "b": "bit(4)",
        "s": "set('a','b')",
        "y": "year",
        "bo": "tinyint(1)",
        "j": "json",
        "bl": "blob",
    }
    with (
        pymysql.connect(host=url.host, port=url.port or 3306, user=url.username, database=url.database) as c,
        c.cursor() as k,
    ):
        k.execute(f"CREATE TABLE v ({', '.join(f'{n} {t}' for n, t in types.items())})")
        k.execute(
            "INSERT INTO v VALUES (4000000000, 1.5, '10:00:00', '2020-01-01 00:00:00.000001', b'101', 'b,a', 2020, 1, '{}', x'00ff')"
        )
        c.commit()
    v = model(types, "mysql")
    copied(tmp_path, "mysql", fresh_mariadb, v)
    [row] = rows(tmp_path, v)
    assert row == {
        "id": 4000000000,
        "n": Decimal("1.50"),
        "t": time(10),
        "dt": datetime(2020, 1, 1, 0, 0, 0, 1),
        "b": "0101",
        "s": "a,b",
        "y": 2020,
        "bo": True,
        "j": "{}",
        "bl": b"\x00\xff",
    }
