from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ssgproj.errors import SsgError
from ssgproj.project.model import (
    Check,
    Exclusion,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Model,
    NamedType,
    PrimaryKey,
    Sequence,
    TableName,
    UniqueKey,
)
from ssgproj.project.types import Kind
from ssgproj.source.reflect import Reflection, reflect
from ssgproj.targets.base import Schema
from ssgproj.targets.postgres import PostgresDestination
from tests.source.reflect.postgres_dump import database, dump, version
from tests.source.reflect.written import assert_files_say_the_same

HERE = Path(__file__).parent
ZOO = (HERE / "postgres.sql").read_text()
ZOO_18 = (HERE / "postgres18.sql").read_text()
PARENT = TableName("parent")
ODD = TableName("Select", 'Odd "Schema')


@pytest.fixture(scope="module")
def zoo_url(postgres_url: str) -> Iterator[str]:
    with database(postgres_url, ZOO) as url:
        yield url


@pytest.fixture(scope="module")
def zoo(zoo_url: str) -> Reflection:
    return reflect(zoo_url)


def model(zoo: Reflection, name: str) -> Model:
    table, _, schema = name.partition("@")
    return next(m for m in zoo.models if m.table == TableName(table, schema or None))


def fact(zoo: Reflection, path: str) -> Any:
    """`table.attribute`, or `table:column.attribute`; `table@schema` outside public."""
    name, _, attribute = path.partition(".")
    table, _, column = name.partition(":")
    found: Any = model(zoo, table)
    if column:
        found = found.column(column)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found


def indexes(zoo: Reflection) -> dict[str, Index]:
    return {i.name: i for i in model(zoo, "indexes").indexes if i.name}


COLUMN_TYPES = {
    "numbers": "smallint|integer|bigint|numeric|numeric(5, 0)|numeric(10, 2)|numeric(3, -2)|real|double precision|real|money|oid",
    "texts": 'text|varchar|varchar(10)|char(1)|char(2)|bpchar|name|"char"',
    "times": "date|time|time(3)|timetz|timestamp|timestamp(0)|timestamptz|timestamptz(3)|interval|interval year to month"
    "|interval(3)|interval day to second(2)",
    "others": "boolean|bytea|uuid|json|jsonb|xml|bit(3)|bit(1)|varbit(5)|varbit|inet|cidr|macaddr|macaddr8|point|box"
    "|tsvector|tsquery|pg_lsn",
    "ranges": "int4range|numrange|tstzrange|daterange|datemultirange",
    "arrays": "integer[]|integer[]|varchar(3)[]|numeric(5, 2)[]|timestamptz[]|text[]",
    "extension_types": "citext|hstore|ltree|citext[]",
    "enums": 'mood|mood[]|shop."Weird Type"',
    "domains": 'postal|year|kinds|nested|caseless|moods|shop."Odd Domain"|postal[]',
    "composites": "address|shop.outer_type|address[]",
    "own_ranges": "float_range|shop.text_range|float_multirange",
}


@pytest.mark.parametrize(("table", "types"), COLUMN_TYPES.items())
def test_types_are_short_and_exact(zoo: Reflection, table: str, types: str) -> None:
    assert "|".join(c.type.text for c in model(zoo, table).columns) == types


FACTS: list[tuple[str, Any]] = [
    ("no_columns.columns", ()),
    ("no_key.primary_key", None),
    ("no_key:a.nullable", True),
    ("not_null:a.nullable", False),
    ("extension_types:c.type.case_insensitive", True),
    ("defaults:i.default", "'-1'::integer"),
    ("defaults:t.default", "'it''s'::text"),
    ("defaults:e.default", r"'back\slash'::text"),
    ("defaults:nul.default", None),
    ("defaults:ts.default", "now()"),
    ("defaults:tz.default", "'2024-01-01 10:00:00+00'::timestamp with time zone"),
    ("serials:id.identity", Identity(serial=True)),
    ("serials:id.default", None),
    ("serials:s.type.bits", 16),
    ("serial_nullable:id.nullable", True),
    ("serial_widened:id.identity", Identity(serial=True, options=(("type", "integer"),))),
    ("serial_renamed:id.identity", Identity(serial=True, options=(("sequence", "serial_before_id_seq"),))),
    (
        "serial_options:id.identity",
        Identity(serial=True, options=(("increment", 10), ("start", 1000), ("cache", 5))),
    ),
    ("serial_in_schema@shop:id.identity", Identity(serial=True)),
    ("owned_sequence:code.identity", None),
    ("owned_sequence.vendor", ("ALTER SEQUENCE order_numbers OWNED BY owned_sequence.code",)),
    ("free_sequence:a.default", "nextval('free_down'::regclass)"),
    ("free_sequence:b.default", "nextval('shop.free_small'::regclass)"),
    ("free_sequence_too:a.identity", None),
    ("odd_sequence:a.default", "nextval('\"Odd ''Seq\"'::regclass)"),
    ("identities:a.identity", Identity(always=True)),
    (
        "identities:b.identity",
        Identity(
            options=(
                ("increment", 5),
                ("minvalue", 5),
                ("maxvalue", 1000),
                ("start", 10),
                ("cache", 3),
                ("cycle", True),
            )
        ),
    ),
    (
        "identities:c.identity",
        Identity(always=True, options=(("sequence", "identities_custom"), ("increment", -1))),
    ),
    ("identities.vendor", ("COMMENT ON SEQUENCE identities_custom IS 'custom'",)),
    ("generated:b.generated", "(a * 2)"),
    ("generated:c.nullable", False),
    ("collations:a.collation", "C"),
    ("own_collation:a.collation", "shop.plain"),
    ("own_collation:b.collation", "plainer"),
    ("keys.primary_key", PrimaryKey(("b", "a"))),
    ("keys.unique", (UniqueKey(("c",)), UniqueKey(("a", "c")))),
    ("named_keys.primary_key", PrimaryKey(("a",), "The Key")),
    ("named_keys.unique", (UniqueKey(("b",), "only_one"),)),
    ("deferrable_keys.primary_key", PrimaryKey(("a",), deferrable="deferrable")),
    ("deferrable_keys.unique", (UniqueKey(("b",), deferrable="initially deferred"),)),
    ("including_keys.primary_key", PrimaryKey(("a",), include=("b",))),
    ("including_keys.unique", (UniqueKey(("c",), include=("a", "b")),)),
    ("nulls_not_distinct.unique", (UniqueKey(("a",), nulls_not_distinct=True),)),
    ("key_storage.vendor", ("ALTER INDEX key_storage_a_key SET (fillfactor=50)",)),
    (
        "refs.foreign_keys",
        (
            ForeignKey(("id",), PARENT, ("id",)),
            ForeignKey(("code",), PARENT, ("code",), on_delete="cascade", on_update="cascade"),
            ForeignKey(("c",), PARENT, ("id",), on_delete="set null", on_update="restrict"),
            ForeignKey(("d",), PARENT, ("id",), on_delete="set default"),
        ),
    ),
    (
        "several_references.foreign_keys",
        (
            ForeignKey(("a",), PARENT, ("id",)),
            ForeignKey(("a",), TableName("other_parent"), ("id",), name="several_references_a_fkey1"),
        ),
    ),
    (
        "composite_references.foreign_keys",
        (ForeignKey(("y", "x"), PARENT, ("y", "x"), match_full=True),),
    ),
    (
        "composite_set_null.foreign_keys",
        (ForeignKey(("x", "y"), PARENT, ("x", "y"), on_delete="set null (y)"),),
    ),
    (
        "deferrable_references.foreign_keys",
        (
            ForeignKey(("a",), PARENT, ("id",), deferrable="deferrable"),
            ForeignKey(("b",), PARENT, ("id",), name="later", deferrable="initially deferred"),
        ),
    ),
    ("not_valid.foreign_keys", (ForeignKey(("a",), PARENT, ("id",), not_valid=True),)),
    ("not_valid.checks", (Check("b > 0", "positive", not_valid=True),)),
    ("self_reference.foreign_keys", (ForeignKey(("boss",), TableName("self_reference"), ("id",)),)),
    ("across_schemas@shop.foreign_keys", (ForeignKey(("id",), PARENT, ("id",)),)),
    ("across_back.foreign_keys", (ForeignKey(("id",), TableName("across_schemas", "shop"), ("id",)),)),
    ("check_no_inherit.checks", (Check("a > 0", no_inherit=True),)),
    (
        "exclusions.exclusions",
        (
            Exclusion("USING gist (room WITH =, during WITH &&) WHERE ((NOT cancelled))", None, ("during",), ("room",)),
            Exclusion("USING gist (during WITH &&) DEFERRABLE INITIALLY DEFERRED", "named", ("during",)),
        ),
    ),
    (
        "quoted_reference.foreign_keys",
        (ForeignKey(("user", "b B"), ODD, ("From", "a b"), on_delete='set null ("b B")'),),
    ),
    ("comments.description", "Line one\nline two"),
    ("comments:a.description", "column: a #1"),
    (
        "comments.vendor",
        (
            "COMMENT ON CONSTRAINT comments_c_fkey ON comments IS 'itself'",
            "COMMENT ON CONSTRAINT comments_pkey ON comments IS 'the key'",
            "COMMENT ON CONSTRAINT positive ON comments IS 'above zero'",
        ),
    ),
    ("enums:m.type.labels", ("first", "sad", "ok", "it's", "Z", "a")),
    ("enums:n.type.element.kind", Kind.ENUM),
    ("enums:w.type.kind", Kind.ENUM),
    ("domains:p.type.domain", "postal"),
    ("domains:y.type.kind", Kind.INTEGER),
    ("domains:k.type.length", 10),
    ("domains:n.type.kind", Kind.STRING),
    ("domains:m.type.kind", Kind.ARRAY),
    ("composites:a.type.kind", Kind.STRUCT),
    ("own_ranges:f.type.element.bits", 64),
    ("functions:code.default", "shop.next_code()"),
    ("functions:loud.generated", "shout('a'::text)"),
    ("options.options", "WITH (fillfactor=70, autovacuum_enabled=false, toast.autovacuum_enabled=false)"),
    ("unlogged.vendor", ("ALTER TABLE unlogged SET UNLOGGED",)),
    ("replica_full.vendor", ("ALTER TABLE replica_full REPLICA IDENTITY FULL",)),
    ("replica_index.vendor", ("ALTER TABLE replica_index REPLICA IDENTITY USING INDEX replica_index_a_key",)),
    ("clustered.vendor", ("ALTER TABLE clustered CLUSTER ON clustered_pkey",)),
    ("row_security.vendor", ("ALTER TABLE row_security ENABLE ROW LEVEL SECURITY",)),
    ("inherited.vendor", ("ALTER TABLE inherited INHERIT base",)),
    ("partitioned_range.partition_by", "RANGE (made)"),
    ("partitioned_range.foreign_keys", (ForeignKey(("who",), PARENT, ("id",)),)),
    ("partitioned_list.partition_by", "LIST (lower(region))"),
    ("partitioned_hash.partition_by", "HASH (id, t)"),
    (
        "refers_to_partitioned.foreign_keys",
        (ForeignKey(("id", "made"), TableName("partition_attached"), ("id", "made")),),
    ),
    ("payment.foreign_keys", (ForeignKey(("customer",), PARENT, ("id",)),)),
    ("renamed.primary_key", PrimaryKey(("id",), "before_renaming_pkey")),
    ("of_type.vendor", ("ALTER TABLE of_type OF pair",)),
]


@pytest.mark.parametrize(("path", "expected"), FACTS, ids=[p for p, _ in FACTS])
def test_facts(zoo: Reflection, path: str, expected: Any) -> None:
    assert fact(zoo, path) == expected


CHECKS = {
    "checks": [
        "1 = 1",
        "a < 100",
        "a < b",
        "a > 0",
        "b < 10",
        "c = ANY (ARRAY['a'::bpchar, 'b'::bpchar])",
        "(d BETWEEN '2020-01-01'::date AND '2021-01-01'::date) AND (d < now())",
        "((length((l)::text) BETWEEN 2 AND 5) AND ((l)::text ~~ 'a%'::text) AND ((l)::text ~ '^a'::text))",
        "(n BETWEEN (0)::numeric AND (1)::numeric) AND (n <> 0.5)",
        "(one)::text = 'only'::text",
        "s = ANY (ARRAY[1, 2])",
        "t = ANY (ARRAY['x'::text, 'y'::text])",
        "v IN ('a', 'b''c')",
        "(w NOT IN ('a', 'b')) OR (w IS NULL)",
    ],
}


def test_checks_are_written_to_parse_to_the_same_tree(zoo: Reflection) -> None:
    found = sorted(c.sql.strip("()") for c in model(zoo, "checks").checks)
    assert found == sorted(c.strip("()") for c in CHECKS["checks"])


def test_names_only_where_they_are_not_the_servers_own(zoo: Reflection) -> None:
    named = {c.name for c in model(zoo, "checks").checks}
    assert named == {None, "b_small", "checks_a_check1", "checks_check1"}
    long = next(m for m in zoo.models if m.table.name.startswith("a_very_long"))
    assert long.primary_key is not None
    assert [long.primary_key.name, *(u.name for u in long.unique), *(c.name for c in long.checks)] == [None] * 3
    assert long.columns[0].identity == Identity(serial=True)


def test_dropped_columns_are_gone(zoo: Reflection) -> None:
    assert [c.name for c in model(zoo, "dropped").columns] == ["b", "d"]


def test_indexes_in_parts(zoo: Reflection) -> None:
    found = indexes(zoo)
    assert found["indexes_a_idx"] == Index((IndexPart("a"),), "indexes_a_idx")
    assert found["ordered"].parts == (
        IndexPart("a", suffix="DESC"),
        IndexPart("b", suffix="DESC NULLS LAST"),
        IndexPart("c", suffix="NULLS FIRST"),
    )
    assert found["partial"].where == "(b > 0) AND (d IN ('x', 'y'))"
    assert found["expressions"].parts == (
        IndexPart(expression="lower(c)"),
        IndexPart(expression="a + b", suffix="DESC"),
        IndexPart(expression="j ->> 'k'::text"),
    )
    assert found["classes"].parts == (
        IndexPart("c", suffix="text_pattern_ops"),
        IndexPart("d", suffix="varchar_pattern_ops DESC"),
    )
    assert found["gin"].using == "gin"
    assert found["including"].include == ("b", "c")
    assert found["null_once"].nulls_not_distinct


def test_only_indexes_whose_parts_do_not_say_all_keep_their_text(zoo: Reflection) -> None:
    kept = {name: i.sql for name, i in indexes(zoo).items() if i.sql}
    assert set(kept) == {"brin", "filled", "gist_options", "collated"}
    assert (
        kept["filled"] == "CREATE INDEX filled ON indexes USING btree (b) WITH (fillfactor='70') WHERE (a IS NOT NULL)"
    )


def test_objects(zoo: Reflection) -> None:
    objects = zoo.objects
    assert dict(objects.schemas) == {"shop": "It's the shop", 'Odd "Schema': None}
    assert objects.extensions == ("btree_gist", "citext", "hstore", "ltree", "pg_trgm")
    types = {str(t.name): t for t in objects.types}
    assert types["mood"] == NamedType(
        TableName("mood"), "enum", ("first", "sad", "ok", "it's", "Z", "a"), description="how it is"
    )
    assert types["kinds"].checks == (Check("VALUE IN ('a', 'b')"),)
    assert types["kinds"].not_null
    assert [c.name for c in types["postal"].checks] == [None, "short"]
    assert types["address"].fields == (
        ("street", "text"),
        ("zip", "postal"),
        ("moods", "mood[]"),
        ("Odd Field", "varchar(5)"),
    )
    order = list(types)
    assert order.index("postal") < order.index("nested")
    assert order.index("address") < order.index("shop.outer_type")
    sequences = {s.name: s for s in objects.sequences}
    assert sequences[TableName("free_small", "shop")] == Sequence(
        TableName("free_small", "shop"), (("type", "smallint"),)
    )
    assert sequences[TableName("free_down")].description == "counts down"


def test_functions_that_tables_need_and_no_others(zoo: Reflection) -> None:
    assert [str(f.name) for f in zoo.objects.functions] == [
        "is_fine",
        "pong",
        "ping",
        "of_row",
        "shout",
        "shop.next_code",
    ]


def test_partitions(zoo: Reflection) -> None:
    year, rest = (
        next(p for p in model(zoo, "partitioned_range").partitions if p.table.name == f"partitioned_range_{n}")
        for n in ("2024", "rest")
    )
    assert year.bound == "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
    assert rest.bound == "DEFAULT"
    assert [i.name for i in year.indexes] == ["only_2024"]
    assert year.checks == (Check("amount < (1000)::numeric", "only_2024"),)
    outer = model(zoo, "partitioned_list").partitions[0]
    assert outer.by == "RANGE (kind, n)"
    assert outer.partitions[0].table == TableName("partitioned_list_eu_low", "shop")
    assert not any(m.table.name.startswith("partitioned_range_") for m in zoo.models)


def test_files_do_not_collide(zoo: Reflection) -> None:
    paths = [m.path for m in zoo.models]
    assert len({p.lower() for p in paths}) == len(paths)
    assert all(p.startswith("models/") and p.count("/") == 1 for p in paths)


def test_what_is_left_out_is_named(zoo: Reflection) -> None:
    for note in (
        "View `a_view` is left out",
        "Materialized view `a_materialized_view` is left out",
        "Trigger `a_trigger` of table `left_out` is left out",
        "Rule `a_rule` of table `left_out` is left out",
        "Policy `a_policy` of table `left_out` is left out",
        "Function `unused(a integer)` is left out: no table needs it",
    ):
        assert note in zoo.notes


def test_columns_are_described_wherever_the_reader_stands(zoo_url: str, zoo: Reflection) -> None:
    with psycopg.connect(zoo_url, autocommit=True) as connection:
        name = connection.info.dbname
        for setting in (
            "search_path = shop",
            "TimeZone = 'Asia/Tokyo'",
            "DateStyle = 'SQL, DMY'",
            "quote_all_identifiers = on",
        ):
            connection.execute(f'ALTER DATABASE "{name}" SET {setting}'.encode())
    try:
        again = reflect(zoo_url)
    finally:
        with psycopg.connect(zoo_url, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" RESET ALL'.encode())
    assert again == zoo


def test_some_schemas_only(zoo_url: str) -> None:
    found = reflect(zoo_url, ["shop"])
    assert {m.table.schema for m in found.models} == {"shop"}
    assert any("across_schemas_id_fkey" in n for n in found.notes)
    # What they use from elsewhere comes along.
    assert TableName("address") in {t.name for t in found.objects.types}


def test_an_unknown_schema_is_refused(zoo_url: str) -> None:
    with pytest.raises(SsgError, match="no schema `nowhere`"):
        reflect(zoo_url, ["nowhere"])


def made_again(source: str, server: str) -> tuple[dict[Any, str], dict[Any, str]]:
    found = reflect(source)
    with database(server) as copy:
        with PostgresDestination(copy).session(Schema(found.models, found.objects, found.dialect)) as session:
            session.create(found.models)
            session.finish(found.models)
            session.commit()
        return dump(source), dump(copy)


# What cannot come back the same, each with a note or by design.
KNOWN = {
    ("CONSTRAINT", "public", "payment_2 payment_2_pkey"),  # unique in one partition only
    ("TABLE", "public", "payment_2"),
    ("DEFAULT", "public", "inherited b"),  # the columns of an inheriting table become its own
    ("TABLE", "public", "inherited"),
    ("TABLE", "shop", "attached"),  # names of NOT NULLs of a partition (18)
    ("FUNCTION", "public", "on_change()"),
    ("FUNCTION", "public", "unused(integer)"),
}


def test_made_again_it_dumps_the_same(zoo_url: str, postgres_url: str) -> None:
    before, after = made_again(zoo_url, postgres_url)
    items = (before.keys() | after.keys()) - KNOWN
    assert len(items) > 250
    assert {i: before.get(i) for i in items if before.get(i) != after.get(i)} == {
        i: after.get(i) for i in items if before.get(i) != after.get(i)
    }


def test_what_is_new_in_18_dumps_the_same(postgres_url: str) -> None:
    if version(postgres_url) < 18:
        pytest.skip("the server is older than PostgreSQL 18")
    with database(postgres_url, ZOO_18) as url:
        found = reflect(url)
        assert not model(found, "virtual").column("b").stored
        before, after = made_again(url, postgres_url)
    assert before == after


def test_its_files_say_the_same(zoo: Reflection, tmp_path: Path) -> None:
    assert_files_say_the_same(zoo, tmp_path)


def test_it_is_the_same_twice(zoo_url: str, zoo: Reflection) -> None:
    assert dataclasses.asdict(reflect(zoo_url)) == dataclasses.asdict(zoo)
