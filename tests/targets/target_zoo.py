"""Models and batches for the tests of destinations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pyarrow as pa

from ssgproj.generators.arrow import arrow_type
from ssgproj.project.model import (
    Check,
    Column,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Model,
    NamedType,
    PrimaryKey,
    SchemaObjects,
    TableName,
    UniqueKey,
)
from ssgproj.project.types import Kind, SqlType, parse_type
from ssgproj.targets import open_destination
from ssgproj.targets.base import Destination, Schema

MOOD = SqlType(Kind.ENUM, "mood", labels=("sad", "o'k", "é☃"), name="mood")
NAMED = {"mood": MOOD}


def column(name: str, type_: str, **more: Any) -> Column:
    return Column(name, parse_type(type_, NAMED, "postgres"), **more)


def model(name: str, *columns: Column, schema: str | None = None, **more: Any) -> Model:
    return Model(TableName(name, schema), f"models/{name}.yml", columns, **more)


def schema_of(*models: Model, dialect: str = "postgres", **objects: Any) -> Schema:
    return Schema(models, SchemaObjects(**objects), dialect)


def batch(made: Model, rows: Sequence[Sequence[Any]], *, generated: bool = False) -> pa.RecordBatch:
    """Rows of the model's columns, generated ones only if asked for."""
    columns = [c for c in made.columns if generated or c.generated is None]
    arrays = [pa.array([r[i] for r in rows], arrow_type(c.type)) for i, c in enumerate(columns)]
    return pa.RecordBatch.from_arrays(arrays, names=[c.name for c in columns])


def run(
    destination: Destination, schema: Schema, batches: dict[str, list[pa.RecordBatch]], *, create: bool = True
) -> tuple[str, ...]:
    """Create, load, finish, commit."""
    with destination.session(schema) as session:
        if create:
            session.create(schema.models)
        for made in schema.models:
            session.load(made, batches.get(str(made.table), []))
        notes = session.finish(schema.models)
        session.commit()
    return notes


def rows_of(destination: Destination, made: Model) -> list[tuple[Any, ...]]:
    return [tuple(r.values()) for b in destination.read(made) for r in b.to_pylist()]


@contextmanager
def opened(url: str, root: Path) -> Iterator[Destination]:
    yield open_destination(url, root)


UTC = dt.UTC
INSTANTS = [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999), dt.datetime(2024, 2, 29, 12), None]
TEXTS = ["", " a  b ", "quote \" ' ` \\ %s 100% ${x} :y", "line\nnew\r\n\ttab, \\. \\N", "é☃😀", "NULL", None]

VALUES: dict[str, list[Any]] = {
    "boolean": [True, False, None],
    "smallint": [-(2**15), 2**15 - 1, 0, None],
    "integer": [-(2**31), 2**31 - 1, None],
    "bigint": [-(2**63), 2**63 - 1, None],
    "numeric(10, 2)": [D("-99999999.99"), D("0.01"), D("0.00"), D("1234.50"), None],
    "numeric(38, 20)": [D("-0.00000000000000000001"), D("123456789012345678.00000000000000000001"), D("0E-20"), None],
    "numeric(50, 10)": [D("-1234567890123456789012345678901234567890.0123456789"), D("0E-10"), None],
    "numeric": [D("-1.5000"), D("10000.0000"), D("0.0001"), None],
    "real": [1.5, -0.25, 0.0, None],
    "double precision": [1e308, -5e-324, 0.1, None],
    "text": TEXTS,
    "varchar(60)": TEXTS,
    "char(4)": ["abcd", "é☃éé", None],
    "bytea": [b"", b"\x00\xff\\'\"", None],
    "date": [dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(1969, 12, 31), None],
    "time": [dt.time(0), dt.time(23, 59, 59, 999999), None],
    "timetz": [dt.time(0), dt.time(23, 59, 59, 999999), None],
    "timestamp": INSTANTS,
    "timestamptz": [None if v is None else v.replace(tzinfo=UTC) for v in INSTANTS],
    "interval": [dt.timedelta(days=400, seconds=5), dt.timedelta(microseconds=-1), dt.timedelta(0), None],
    "uuid": ["00000000-0000-0000-0000-000000000000", "0123abcd-ef45-6789-abcd-ef0123456789", None],
    "json": ['{"a": [1, "é"]}', "[]", '"x"', None],
    "jsonb": ['{"a": [1, "é"]}', "[]", '"x"', None],
    "mood": ["sad", "o'k", "é☃", None],
    "money": [D("-12.34"), D("0.00"), D("1234567.89"), None],
    "xml": ["<a>b</a>", None],
    "bit(4)": ["0101", "0000", None],
    "bit varying(8)": ["1", "10101010", None],
    "inet": ["192.168.1.1/32", "::1/128", None],
    "cidr": ["10.0.0.0/8", None],
    "macaddr": ["08:00:2b:01:02:03", None],
    "int4range": ["[1,5)", "empty", None],
    "tsvector": ["'a' 'b'", None],
    "integer[]": [[1, None, -5], [], None],
    "text[]": [["a", "", None, 'q"\\,{}', "NULL"], [], None],
    "varchar(5)[]": [["a", "é"], [], None],
    "timestamptz[]": [[dt.datetime(2000, 1, 1, tzinfo=UTC), None], None],
    "numeric(10, 2)[]": [[D("1.25"), None], None],
    "uuid[]": [["00000000-0000-0000-0000-000000000001"], None],
    "boolean[]": [[True, None, False], None],
    "date[]": [[dt.date(1, 1, 1)], None],
    "mood[]": [["sad", None], None],
    "point": ["(1,2)", None],
}
"""Values of each type as batches carry them. PostgreSQL gives the same texts back."""


def type_zoo(types: Sequence[str]) -> tuple[Schema, Model, list[pa.RecordBatch]]:
    """One table with a column per type, in two batches."""
    longest = max(len(VALUES[t]) for t in types)
    made = model(
        "zoo",
        column("id", "integer"),
        *(column(f"c {i}", t, nullable=True) for i, t in enumerate(types)),
        primary_key=PrimaryKey(("id",)),
    )
    rows = [(n, *(VALUES[t][n % len(VALUES[t])] for t in types)) for n in range(longest)]
    mood = NamedType(TableName("mood"), "enum", labels=MOOD.labels)
    return schema_of(made, types=(mood,)), made, [batch(made, rows[:2]), batch(made, rows[2:])]


def shop() -> tuple[Schema, dict[str, list[pa.RecordBatch]]]:
    """Keys, references, checks, defaults, identity, a generated column, a cycle of two tables, a table that refers to itself."""
    users = model(
        "users",
        column("id", "integer", identity=Identity(serial=True)),
        column("email", "varchar(80)", description="people's e-mail: 100%"),
        column("age", "integer", nullable=True),
        column("twice", "integer", generated="age * 2", nullable=True),
        column("boss", "integer", nullable=True),
        column("best_order", "bigint", nullable=True),
        primary_key=PrimaryKey(("id",)),
        unique=(UniqueKey(("email",), name="one mail"),),
        checks=(Check("age > 0"), Check("email <> ALL (ARRAY['a'::text, 'b'::text])", name="no a")),
        foreign_keys=(
            ForeignKey(("boss",), TableName("users"), ("id",)),
            ForeignKey(("best_order",), TableName("Order Items"), ("id",), name="best"),
        ),
        indexes=(Index((IndexPart("age"),), name="by age"),),
        description="people",
    )
    orders = model(
        "Order Items",
        column("id", "bigint", identity=Identity(always=True)),
        column("user_id", "integer"),
        column("select", "text", nullable=True, default="'x'::text"),
        column('a"b %s é', "numeric(10, 2)", default="0"),
        primary_key=PrimaryKey(("id",), name="order pk"),
        foreign_keys=(ForeignKey(("user_id",), TableName("users"), ("id",), on_delete="cascade"),),
        unique=(UniqueKey(("user_id", 'a"b %s é')),),
    )
    people = batch(users, [(1, "x@y", 30, 2, 1), (2, "z@y", None, None, None), (3, "w@y", 5, 1, 2)])
    items = batch(orders, [(1, 1, "", D("1.50")), (2, 2, None, D("-3.25"))])
    return schema_of(users, orders), {"users": [people], "Order Items": [items]}
