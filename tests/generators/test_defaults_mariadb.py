"""Default values of MariaDB's types are accepted by MariaDB in strict mode, and unique ones stay distinct there."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from ssgproj.generators.base import BindContext, Target
from ssgproj.generators.defaults import default_domain
from ssgproj.generators.domain import permute
from ssgproj.project.types import Kind, parse_type

TYPES = [
    "tinyint", "tinyint unsigned", "smallint", "mediumint", "int unsigned", "bigint unsigned", "decimal(10,2)", "decimal(4,4) unsigned",
    "float", "double", "date", "time", "time(3)", "datetime", "datetime(6)", "timestamp", "timestamp(6)", "year", "varchar(1)", "varchar(3)",
    "varchar(40)", "char(4)", "char(40)", "tinytext", "text", "binary(16)", "binary(3)", "varbinary(2)", "blob", "bit(8)", "json", "inet6",
    "inet4", "uuid", "enum('a','b')", "set('x','y','z')", "point", "polygon", "linestring",
]  # fmt: skip


@pytest.mark.parametrize("unique", [False, True])
def test_mariadb_reads_every_default(unique: bool, fresh_mariadb: str) -> None:
    """300 values of each type go in; unique ones are as many different values, in a case-insensitive collation too."""
    context = BindContext("t", (), dialect="mysql")
    with create_engine(fresh_mariadb).begin() as connection:
        for written in TYPES:
            t = parse_type(written, dialect="mysql")
            domain = default_domain(Target("c", t), rows=300, unique=unique, context=context)
            rows = min(300, domain.size)
            index = (
                permute(np.arange(rows), domain.size, 3)
                if unique
                else np.random.default_rng(0).integers(0, domain.size, rows)
            )
            values = domain.at(index).to_pylist()
            connection.execute(text(f"CREATE OR REPLACE TABLE t (c {written}) COLLATE utf8mb4_general_ci"))
            place = (
                "ST_GeomFromText(:v)"
                if t.kind is Kind.GEOMETRY
                else "CAST(CONV(:v, 2, 10) AS UNSIGNED)"
                if t.kind is Kind.BIT
                else ":v"
            )
            given = [v.replace(tzinfo=None) if t.kind is Kind.TIMESTAMP else v for v in values]
            connection.execute(text(f"INSERT INTO t VALUES ({place})"), [{"v": v} for v in given])
            assert connection.execute(text("SELECT count(c) FROM t")).scalar() == rows, written
            if unique and t.kind is not Kind.GEOMETRY:
                assert connection.execute(text("SELECT count(DISTINCT c) FROM t")).scalar() == rows, written
