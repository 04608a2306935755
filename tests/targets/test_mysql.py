"""What is particular to MariaDB: a staging database, one RENAME, keys of bounded length."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pymysql
import pytest
from sqlalchemy.engine import make_url

from ssgproj.errors import RunError
from ssgproj.project.model import ForeignKey, Identity, Index, IndexPart, Model, PrimaryKey, TableName, UniqueKey
from ssgproj.source.reflect import reflect
from ssgproj.targets import open_destination
from ssgproj.targets.base import Schema
from tests.targets.target_zoo import batch, column, model, rows_of, run, schema_of, shop

ZOO = (
    """CREATE TABLE users (id int unsigned NOT NULL AUTO_INCREMENT, email varchar(191) NOT NULL, kind enum('a','b''c') DEFAULT 'a',
    tags set('x','y') DEFAULT NULL, made timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    at datetime(6) DEFAULT NULL, price decimal(10,2) NOT NULL DEFAULT 0.00, flag tinyint(1) NOT NULL DEFAULT 1, body longtext,
    doc json DEFAULT NULL, bin varbinary(20) DEFAULT NULL, bits bit(5) DEFAULT b'101', yr year DEFAULT NULL, geo point DEFAULT NULL,
    total decimal(12,2) GENERATED ALWAYS AS (price * 2) STORED, v int GENERATED ALWAYS AS (price + 1) VIRTUAL,
    code char(5) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL, big bigint(20) unsigned DEFAULT NULL, t time(3) DEFAULT NULL,
    PRIMARY KEY (id), UNIQUE KEY mail (email), KEY body_i (body(20)), KEY dd (at DESC, price), CONSTRAINT posi CHECK (price >= 0))
    ENGINE=InnoDB COMMENT='people''s'""",
    """CREATE TABLE `order items` (`id` bigint(20) NOT NULL AUTO_INCREMENT, `user id` int unsigned NOT NULL COMMENT 'it''s 100%',
    boss bigint(20), w text DEFAULT 'hello', PRIMARY KEY (`id`), KEY b (boss), KEY u (`user id`),
    CONSTRAINT `fk 1` FOREIGN KEY (`user id`) REFERENCES users(id) ON DELETE CASCADE,
    CONSTRAINT fk2 FOREIGN KEY (boss) REFERENCES `order items`(id)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci""",
    "CREATE TABLE parts (id int NOT NULL, d date NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (year(d)) "
    "(PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN MAXVALUE)",
    "CREATE TABLE comp (a int NOT NULL, b int NOT NULL AUTO_INCREMENT, c varchar(10), PRIMARY KEY (a, b), UNIQUE KEY b_first (b))",
    "CREATE TABLE nopk (a int DEFAULT NULL, `select` varchar(10) NOT NULL DEFAULT 'x%y') ENGINE=MyISAM",
)


def execute(url: str, *statements: str) -> list[Any]:
    parsed = make_url(url)
    with (
        pymysql.connect(
            host=parsed.host,
            port=parsed.port or 3306,
            user=parsed.username,
            password=parsed.password or "",
            database=parsed.database,
        ) as connection,
        connection.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(statement)
        connection.commit()
        return list(cursor.fetchall())


def shapes(url: str) -> list[str]:
    texts = [execute(url, f"SHOW CREATE TABLE `{name}`")[0][1] for (name,) in execute(url, "SHOW TABLES")]
    return [re.sub(r" AUTO_INCREMENT=\d+", "", text) for text in texts]


def test_a_reflected_database_is_made_again_the_same(fresh_mariadb: str, tmp_path: Path) -> None:
    execute(fresh_mariadb, *ZOO)
    source = reflect(fresh_mariadb)
    before = shapes(fresh_mariadb)
    schema = Schema(source.models, source.objects, source.dialect)
    destination = open_destination(fresh_mariadb, tmp_path)
    with destination.session(schema) as session:
        session.drop(schema.models)
        session.create(schema.models)
        assert session.finish(schema.models) == ()
        session.commit()
    assert shapes(fresh_mariadb) == before
    assert execute(fresh_mariadb, "SHOW DATABASES LIKE '%ssg\\_staging'") == []


def test_auto_increment_goes_on_past_the_last_key(fresh_mariadb: str, tmp_path: Path) -> None:
    made = model(
        "t",
        column("a", "integer"),
        column("b", "integer", identity=Identity(serial=True)),
        column("c", "text", nullable=True),
        primary_key=PrimaryKey(("a",)),
        unique=(UniqueKey(("b",)),),
    )
    run(open_destination(fresh_mariadb, tmp_path), schema_of(made), {"t": [batch(made, [(1, 5, "x"), (2, 7, None)])]})
    assert execute(fresh_mariadb, "INSERT INTO t (a) VALUES (3)", "SELECT b FROM t WHERE a = 3") == [(8,)]


def test_texts_in_keys(fresh_mariadb: str, tmp_path: Path) -> None:
    parent = model(
        "parent",
        column("k", "text"),
        column("a", "varchar(2000)"),
        column("b", "text"),
        column("free", "text"),
        primary_key=PrimaryKey(("k",)),
        unique=(UniqueKey(("a", "b")),),
        indexes=(Index((IndexPart("free"),), name="by_free"),),
    )
    child = model("child", column("p", "text"), foreign_keys=(ForeignKey(("p",), TableName("parent"), ("k",)),))
    # Two keys that MariaDB's usual collations would call the same.
    rows = [("k", "a", "b", "x" * 5000), ("K", "A", "b", ""), ("k ", "a ", "b", "")]
    notes = run(
        open_destination(fresh_mariadb, tmp_path),
        schema_of(parent, child),
        {"parent": [batch(parent, rows)], "child": [batch(child, [("K",)])]},
    )
    assert notes == ()
    with pytest.raises(RunError, match="refer to no row"):
        run(
            open_destination(fresh_mariadb, tmp_path),
            schema_of(parent, child),
            {"child": [batch(child, [("zz",)])]},
            create=False,
        )
    assert execute(fresh_mariadb, "SELECT COUNT(*) FROM child") == [(1,)]


def test_new_tables_beside_standing_ones(fresh_mariadb: str, tmp_path: Path) -> None:
    schema, batches = shop()
    destination = open_destination(fresh_mariadb, tmp_path)
    run(destination, schema, batches)
    before = shapes(fresh_mariadb)
    visit = model(
        "visit",
        column("id", "integer", identity=Identity()),
        column("who", "integer"),
        primary_key=PrimaryKey(("id",)),
        foreign_keys=(ForeignKey(("who",), TableName("users"), ("id",)),),
    )
    wider = schema_of(*schema.models, visit)
    with destination.session(wider) as session:
        session.create([visit])
        session.load(schema.models[0], [batch(schema.models[0], [(9, "n@y", 3, None, None)])])
        session.load(schema.models[1], [batch(schema.models[1], [(9, 9, "a", 0)])])
        session.load(visit, [batch(visit, [(1, 9)])])
        session.finish([*schema.models, visit])
        session.commit()
    after = [s for s in shapes(fresh_mariadb) if "`visit`" not in s.split("(")[0]]
    # The index that MariaDB makes for a reference by itself takes the reference's name now.
    assert [[line for line in s.split("\n") if not line.startswith("  KEY")] for s in after] == [
        [line for line in s.split("\n") if not line.startswith("  KEY")] for s in before
    ]
    assert (len(rows_of(destination, schema.models[0])), rows_of(destination, visit)) == (4, [(1, 9)])


def test_schemas_become_part_of_the_name(fresh_mariadb: str, tmp_path: Path) -> None:
    made = Model(TableName("orders", "shop"), "models/shop.orders.yml", (column("id", "integer"),))
    destination = open_destination(fresh_mariadb, tmp_path)
    run(destination, schema_of(made), {"shop.orders": [batch(made, [(1,)])]})
    assert execute(fresh_mariadb, "SHOW TABLES") == [("shop_orders",)]
    assert rows_of(destination, made) == [(1,)]


@pytest.mark.parametrize("allowed", [True, False])
def test_what_load_data_must_escape_arrives_both_ways(
    fresh_mariadb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: bool
) -> None:
    if not allowed:  # as where the server's `local_infile` is off
        monkeypatch.setattr("ssgproj.targets.alchemy_mysql.can_load", lambda connection: False)
    every = bytes(range(256))
    texts = [
        "\\N",
        "\\",
        "\\\\n",
        "\t",
        "a\nb\r\nc\r",
        "\0 and \x1a",
        "NULL",
        "",
        "'\"`;--",
        "é☃😀",
        None,
        "@v0",
        "x" * 100_000,
    ]
    made = model(
        "odd",
        column("id", "integer"),
        column("a\tb", "text", nullable=True),
        column("raw", "bytea", nullable=True),
        column("bits", "bit(9)", nullable=True),
        column("doc", "jsonb", nullable=True),
        column("twice", "bigint", generated="id * 2", nullable=True),
        primary_key=PrimaryKey(("id",)),
    )
    docs = ['{"a": "\\\\ \\n \\" é"}', None]
    rows = [(n, t, every if n % 2 else None, "100000001" if n % 3 else None, docs[n % 2]) for n, t in enumerate(texts)]
    destination = open_destination(fresh_mariadb, tmp_path)
    run(destination, schema_of(made), {"odd": [batch(made, rows[:5]), batch(made, rows[5:])]})
    assert [r[:5] for r in sorted(rows_of(destination, made), key=lambda r: r[0])] == rows


def test_a_server_gets_no_file_that_it_asks_for(fresh_mariadb: str, tmp_path: Path) -> None:
    """LOAD DATA LOCAL is answered by the loader alone, and with the rows at hand alone."""
    from ssgproj.targets.alchemy_mysql import MysqlDestination, MysqlSession

    secret = tmp_path / "secret"
    secret.write_text("1\n")
    destination = open_destination(fresh_mariadb, tmp_path)
    assert isinstance(destination, MysqlDestination)
    execute(fresh_mariadb, "CREATE TABLE t (id int)")
    with destination.session(schema_of()) as session:
        assert isinstance(session, MysqlSession) and session._loads
        with pytest.raises(RuntimeError, match="LOAD_LOCAL"):
            session.connection.cursor().execute(f"LOAD DATA LOCAL INFILE '{secret}' INTO TABLE t")
    assert execute(fresh_mariadb, "SELECT * FROM t") == []
