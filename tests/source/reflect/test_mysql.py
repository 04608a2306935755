from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from ssgproj.errors import SsgError
from ssgproj.project.model import (
    Check,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Model,
    PrimaryKey,
    Sequence,
    TableName,
    UniqueKey,
)
from ssgproj.project.types import Kind
from ssgproj.source.reflect import Reflection, reflect
from ssgproj.source.reflect.mysql_text import mysql_expression, short_type, table_options
from tests.source.reflect.written import assert_files_say_the_same

ZOO = (Path(__file__).parent / "mariadb.sql").read_text()


def model(zoo: Reflection, name: str) -> Model:
    return next(m for m in zoo.models if m.table.name == name)


COLUMN_TYPES = {
    "numbers": "tinyint|smallint unsigned|mediumint|int|bigint unsigned|tinyint(1)|int(5) unsigned zerofill|float|double"
    "|float(7,3)|decimal(10, 2) unsigned|decimal(10, 0)|bit(3)|bit(1)|year|tinyint(1)",
    "texts": "char(3)|varchar(10)|tinytext|text|mediumtext|longtext|binary(4)|varbinary(16)|tinyblob|blob|longblob"
    "|enum('a','it''s','c,d')|set('x','y')",
    "times": "date|time|time(3)|datetime|datetime(6)|timestamp|timestamp(3)",
    "others": "json|uuid|inet4|inet6|point|geometry|json|longtext",
}

CHILD = TableName("child")
PARENT = TableName("parent")

FACTS: list[tuple[str, Any]] = [
    ("numbers:f.type.kind", Kind.BOOLEAN),
    ("numbers:e.type.unsigned", True),
    ("texts:l.type.labels", ("a", "it's", "c,d")),
    ("others.checks", (Check("json_length(`h`) > 1"),)),
    ("counted:id.identity", Identity(serial=True)),
    ("counted.options", "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci"),
    ("defaults:a.default", "1"),
    ("defaults:b.default", "'it''s'"),
    ("defaults:c.default", "''"),
    ("defaults:d.default", "current_timestamp(6) ON UPDATE current_timestamp(6)"),
    ("defaults:e.default", "NULL ON UPDATE current_timestamp()"),
    ("defaults:g.default", "uuid()"),
    ("defaults:h.default", "b'101'"),
    ("defaults:l.default", None),
    ("generated_:b.generated", "`a` + 1"),
    ("generated_:b.stored", False),
    ("generated_:c.generated", "concat(`a`,'x')"),
    ("generated_:c.stored", True),
    ("hidden.vendor", ("ALTER TABLE `hidden` MODIFY COLUMN `b` int(11) INVISIBLE DEFAULT 3",)),
    ("parent.description", "it's a (parent)"),
    ("parent.options", "ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci ROW_FORMAT=COMPRESSED"),
    ("parent.primary_key", PrimaryKey(("b", "a"))),
    ("parent:b.collation", "latin1_bin"),
    (
        "child.foreign_keys",
        (
            ForeignKey(("c",), PARENT, ("c",)),
            ForeignKey(("up",), CHILD, ("id",), on_delete="cascade"),
            ForeignKey(("b", "a"), PARENT, ("b", "a"), name="pair", on_delete="set null", on_update="cascade"),
        ),
    ),
    ("checks.checks", (Check("`a` > 0"), Check("`c` in ('x','y')"), Check("`a` < `b`", "named"))),
    ("indexed.unique", (UniqueKey(("a",)), UniqueKey(("b", "a"), "pair"))),
    ("commented:a.description", "it's a column"),
    ('commented:b`c "d".nullable', True),
    ("versioned.options", "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci WITH SYSTEM VERSIONING"),
    ("from_sequence:id.default", "nextval(`numbers_from`)"),
]

INDEXES = {
    "plain": Index((IndexPart("e"),), "plain"),
    "ordered": Index((IndexPart("e", suffix="DESC"), IndexPart("a")), "ordered"),
    "part": Index((IndexPart("b", suffix="(5)"),), "part", sql="CREATE INDEX `part` ON `indexed` (`b`(5))"),
    "start_": Index(
        (IndexPart("c", suffix="(10)"),),
        "start_",
        unique=True,
        sql="CREATE UNIQUE INDEX `start_` ON `indexed` (`c`(10))",
    ),
    "words": Index(
        (IndexPart("b"), IndexPart("c")),
        "words",
        using="fulltext",
        sql="CREATE FULLTEXT INDEX `words` ON `indexed` (`b`, `c`)",
    ),
    "place": Index((IndexPart("d"),), "place", using="spatial", sql="CREATE SPATIAL INDEX `place` ON `indexed` (`d`)"),
    "said": Index(
        (IndexPart("a"), IndexPart("e")),
        "said",
        sql="CREATE INDEX `said` ON `indexed` (`a`, `e`) COMMENT 'it''s an index'",
    ),
}


def fact(zoo: Reflection, path: str) -> Any:
    table, _, attribute = path.partition(".")
    name, _, column = table.partition(":")
    found: Any = model(zoo, name)
    if column:
        found = found.column(column)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found


def test_mariadb(fresh_mariadb: str, tmp_path: Path) -> None:
    import pymysql

    url = make_url(fresh_mariadb)
    settings = {"host": url.host, "port": url.port or 3306, "user": url.username, "password": url.password or ""}
    with (
        pymysql.connect(**settings, database=url.database, autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        for statement in ZOO.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
    zoo = reflect(fresh_mariadb)
    for table, types in COLUMN_TYPES.items():
        assert "|".join(c.type.text for c in model(zoo, table).columns) == types
    for path, expected in FACTS:
        assert fact(zoo, path) == expected, path
    assert {i.name: i for i in model(zoo, "indexed").indexes} == INDEXES
    assert zoo.objects.sequences == (Sequence(TableName("numbers_from"), (("start", 5), ("increment", 2))),)
    partitioned = model(zoo, "partitioned").options or ""
    assert partitioned.endswith(
        "PARTITION BY RANGE (year(`d`)) (PARTITION `p0` VALUES LESS THAN (2000) ENGINE = InnoDB, "
        "PARTITION `p1` VALUES LESS THAN MAXVALUE ENGINE = InnoDB)"
    )
    assert {
        "View `a_view` is left out",
        "Trigger `a_trigger` of table `counted` is left out",
        "The procedure `a_procedure` is left out",
    } <= set(zoo.notes)
    assert_files_say_the_same(zoo, tmp_path)
    other = reflect(fresh_mariadb, [url.database or ""])
    assert other == zoo
    with pytest.raises(SsgError, match="no schema `nowhere`"):
        reflect(fresh_mariadb, ["nowhere"])


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("int(11)", "int"),
        ("int(10) unsigned", "int unsigned"),
        ("int(5)", "int(5)"),
        ("int(10) unsigned zerofill", "int(10) unsigned zerofill"),
        ("tinyint(1)", "tinyint(1)"),
        ("tinyint(4)", "tinyint"),
        ("year(4)", "year"),
        ("decimal(10,2) unsigned", "decimal(10, 2) unsigned"),
        ("enum('int(11)')", "enum('int(11)')"),
    ],
)
def test_short_types(written: str, short: str) -> None:
    assert short_type(written) == short


def test_options_say_nothing_of_rows() -> None:
    create = "CREATE TABLE `a` (\n  `b` int COMMENT 'x) y'\n) ENGINE=InnoDB AUTO_INCREMENT=12345 DEFAULT CHARSET=utf8 COMMENT='a ; b'"
    assert table_options(create) == "ENGINE=InnoDB DEFAULT CHARSET=utf8"


def test_mysql_marks_are_removed() -> None:
    assert mysql_expression(r"(`a` in (_utf8mb4\'x\',_utf8mb4\'y\'))") == "(`a` in ('x','y'))"
