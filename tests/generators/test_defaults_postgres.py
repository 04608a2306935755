"""Default values of every PostgreSQL type are accepted by PostgreSQL, and unique ones stay distinct there."""

from __future__ import annotations

import numpy as np
import pytest

from ssgproj.generators.base import BindContext, Target
from ssgproj.generators.defaults import default_domain
from ssgproj.generators.domain import permute
from ssgproj.project.types import Kind, parse_type

TYPES = [
    "smallint", "integer", "bigint", "numeric", "numeric(4,2)", "numeric(3,3)", "numeric(38,10)", "numeric(60,3)", "money", "real",
    "double precision", "boolean", "date", "time", "time(0)", "timetz", "timestamp", "timestamp(0)", "timestamptz", "interval", "text",
    "varchar(1)", "varchar(3)", "varchar(20)", "char(1)", "char(4)", "char(40)", "bytea", "uuid", "json", "jsonb", "inet", "cidr",
    "macaddr", "macaddr8", "tsvector", "tsquery", "int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange",
    "bit(8)", "bit(80)", "bit varying(5)", "bit varying", "point", "line", "lseg", "box", "path", "polygon", "circle",
    "integer[]", "boolean[]", "text[]", "date[]", "numeric(6,2)[]", "oid", "pg_lsn", "jsonpath", '"char"', "name", "xid", "tid",
]  # fmt: skip
NO_EQUALITY = {"json", "point", "polygon", "path", "xid", "jsonpath", "box", "circle", "lseg", "line"}


@pytest.mark.parametrize("text", TYPES)
@pytest.mark.parametrize("unique", [False, True])
def test_postgres_reads_every_default(text: str, unique: bool, postgres_url: str) -> None:
    """500 values of each type go in; unique ones are as many different values for PostgreSQL."""
    import psycopg

    t = parse_type(text, dialect="postgres")
    context = BindContext("t", (), dialect="postgres")
    domain = default_domain(Target("c", t), rows=500, unique=unique, context=context)
    rows = min(500, domain.size)
    index = (
        permute(np.arange(rows), domain.size, 3) if unique else np.random.default_rng(0).integers(0, domain.size, rows)
    )
    values = domain.at(index).to_pylist()
    with psycopg.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE t (c {text})")
        placeholder = "%s" if t.kind in (Kind.BINARY, Kind.ARRAY) else f"%s::text::{text}"
        given = [str(v) if t.kind is Kind.INTERVAL else v for v in values]
        cursor.executemany(f"INSERT INTO t VALUES ({placeholder})", [(v,) for v in given])
        cursor.execute("SELECT count(c) FROM t")
        assert cursor.fetchone() == (rows,)
        if unique and text not in NO_EQUALITY:
            cursor.execute("SELECT count(DISTINCT c) FROM t")
            assert cursor.fetchone() == (rows,)
