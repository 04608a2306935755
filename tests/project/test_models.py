"""Model files: what they may say, and every mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssgproj.diagnostics import Diagnostic
from ssgproj.project.model import (
    Check,
    Exclusion,
    ForeignKey,
    Generate,
    Identity,
    Index,
    IndexPart,
    Partition,
    PrimaryKey,
    TableName,
    UniqueKey,
    Vocabulary,
)
from ssgproj.project.models import ModelReader, model_paths, read_models
from ssgproj.project.types import Kind
from tests.project.random_models import GENERATORS, read

EVERYTHING = """\
# yaml-language-server: $schema=../.ssg/schemas/model.json
table: order_items
schema: shop
description: what it holds
rows: 1000
tags: [pii]
columns:
  id: {type: integer, identity: always}
  email: {type: varchar(80), unique: true, nullable: true, null_rate: 0.2}
  total: {type: "numeric(10, 2)", generated: "price * qty"}
  price: {type: "numeric(10, 2)", generated: {sql: "qty + 1", stored: false}}
  qty: {type: integer, default: 0}
  made: {type: timestamptz, default: now(), collation: C, description: text}
  user_id: {type: integer, references: users.id}
  other_id:
    type: integer
    nullable: true
    references: {column: shop.users.id, name: fk, on_delete: CASCADE, on_update: no action, deferrable: initially deferred, match: full, not_valid: true}
  age: {type: integer, generate: {normal: {mean: stat.age_stats.mean, std_dev: 12}}}
  kind: {type: varchar(5), unique: one_kind, generate: {choice: [a, b], weights: [0.2, 0.8]}}
  code: {type: text, generate: uuid}
  n: {type: integer, serial: true}
  m: {type: bigint, identity: {generation: by default, start: 10, increment: 5, sequence: s, cycle: true}}
  during: {type: tstzrange}
primary_key: {columns: [id, made], name: my_pk, deferrable: deferrable}
unique:
  - {columns: [kind, code], name: x, nulls_not_distinct: true, deferrable: true}
  - [age, made]
foreign_keys:
  - {columns: [n, m], references: {table: shop.parent, columns: [x, y]}, name: fk2, on_delete: set null (M)}
  - {columns: [n], references: '"odd.table".id'}
checks:
  - {name: positive, sql: "price > 0"}
  - "qty > 0"
indexes:
  - {name: i, columns: [age, {column: kind, suffix: DESC}, {expression: "lower(code)"}], unique: true, where: n > 1, using: gin, include: [m]}
exclusions:
  - {name: ex, sql: "USING gist (room WITH =, during WITH &&)", overlaps: [during], equals: [n]}
partition_by: RANGE (made)
partitions:
  - table: shop.p1
    bound: FROM a TO b
    by: LIST (n)
    partitions:
      - {table: shop.p2, bound: DEFAULT, checks: ["n > 1"]}
options: STRICT
vendor: ["CREATE TRIGGER x"]
generators:
  - choice: [1, 2]
    columns: [user_id, n]
"""


def test_everything_is_read() -> None:
    model, problems = read(EVERYTHING, "postgres")
    assert not problems
    assert model is not None
    assert (model.table, model.description, model.rows, model.tags) == (
        TableName("order_items", "shop"),
        "what it holds",
        1000,
        ("pii",),
    )
    assert model.column("id").identity == Identity(always=True)
    assert model.column("n").identity == Identity(serial=True)
    assert model.column("m").identity == Identity(
        options=(("start", 10), ("increment", 5), ("sequence", "s"), ("cycle", True))
    )
    assert (model.column("email").nullable, model.column("email").null_rate) == (True, 0.2)
    assert (model.column("total").generated, model.column("total").stored) == ("price * qty", True)
    assert (model.column("price").generated, model.column("price").stored) == ("qty + 1", False)
    assert (model.column("qty").default, model.column("made").default, model.column("made").collation) == (
        "0",
        "now()",
        "C",
    )
    assert model.column("total").type.kind is Kind.DECIMAL
    assert model.primary_key == PrimaryKey(("id", "made"), "my_pk", "deferrable")
    assert model.unique == (
        UniqueKey(("email",)),
        UniqueKey(("kind",), "one_kind"),
        UniqueKey(("kind", "code"), "x", True, "deferrable"),
        UniqueKey(("age", "made")),
    )
    users = TableName("users", "shop")
    assert model.foreign_keys == (
        ForeignKey(("user_id",), TableName("users"), ("id",)),
        ForeignKey(("other_id",), users, ("id",), "fk", "cascade", None, True, "initially deferred", True),
        ForeignKey(("n", "m"), TableName("parent", "shop"), ("x", "y"), "fk2", "set null (M)"),
        ForeignKey(("n",), TableName("odd.table"), ("id",)),
    )
    assert model.checks == (Check("price > 0", "positive"), Check("qty > 0"))
    parts = (IndexPart("age"), IndexPart("kind", suffix="DESC"), IndexPart(expression="lower(code)"))
    assert model.indexes == (Index(parts, "i", True, "n > 1", "gin", ("m",)),)
    assert model.exclusions == (Exclusion("USING gist (room WITH =, during WITH &&)", "ex", ("during",), ("n",)),)
    inner = Partition(TableName("p2", "shop"), "DEFAULT", checks=(Check("n > 1"),))
    assert model.partitions == (Partition(TableName("p1", "shop"), "FROM a TO b", "LIST (n)", (inner,)),)
    assert (model.partition_by, model.options, model.vendor) == ("RANGE (made)", "STRICT", ("CREATE TRIGGER x",))
    assert model.generators == (
        Generate("normal", {"mean": "stat.age_stats.mean", "std_dev": 12}, ("age",)),
        Generate("choice", {"": ["a", "b"], "weights": [0.2, 0.8]}, ("kind",)),
        Generate("uuid", {}, ("code",)),
        Generate("choice", {"": [1, 2]}, ("user_id", "n")),
    )
    assert str(model.generators[0].option_places["std_dev"]) == "models/x.yml:19:80"
    assert str(model.foreign_keys[0].at) == "models/x.yml:14:40"
    assert str(model.column("age").at) == "models/x.yml:19:3"


def test_vocabularies_and_ignored_tables() -> None:
    model, problems = read(
        "table: t\nvocabulary: {reason: public, columns: [a], where: a > 1}\ncolumns: {a: {type: int}}\n"
    )
    assert not problems
    assert (
        model is not None
        and model.vocabulary == Vocabulary("public", ("a",), "a > 1")
        and model.node_id == "vocabulary.t"
    )
    model, problems = read("table: t\nignore: true\ncolumns: {}\n")
    assert not problems
    assert model is not None and model.ignore and model.columns == ()


def test_the_main_option_may_be_a_mapping() -> None:
    model, problems = read("table: t\ncolumns: {a: {type: text, generate: {choice: {x: 0.2, y: 0.8}}}}\n")
    assert not problems
    assert model is not None and model.generators[0].options == {"": {"x": 0.2, "y": 0.8}}


def test_options_may_come_before_the_generator() -> None:
    model, _ = read("table: t\ncolumns: {a: {type: text, generate: {weights: [1], choice: [x]}}}\n")
    assert model is not None and (model.generators[0].kind, model.generators[0].options) == (
        "choice",
        {"": ["x"], "weights": [1]},
    )


HEAD = "table: t\n"
AB = "columns:\n  a: {type: int}\n  b: {type: text, nullable: true}\n"


@pytest.mark.parametrize(
    ("text", "code", "place", "hint"),
    [
        (HEAD + "colums: {}\ncolumns: {}\n", "MD001", "2:1", "did you mean `columns`?"),
        (HEAD + "columns: {a: {typ: int, type: int}}\n", "MD001", "2:15", "did you mean `type`?"),
        (HEAD + "columns: {a: {type: numeric(10, 2)}}\n", "MD001", "2:33", '"numeric(10, 2)"'),
        (HEAD + "columns: {a: {nullable: true}}\n", "MD003", "2:14", "write `type: ...`"),
        (HEAD + "columns: {a: integer}\n", "MD002", "2:14", None),
        (HEAD + "columns: [a, b]\n", "MD002", "2:10", None),
        (HEAD, "MD003", "1:1", "write `columns: ...`"),
        ("columns: {a: {type: int}}\n", "MD003", "1:1", "write `table: ...`"),
        ("- a\n", "MD002", "1:1", None),
        ("", "MD003", "1:1", None),
        ("table: 2024\ncolumns: {}\n", "MD002", "1:8", '"2024"'),
        ("table: no\ncolumns: {on: {type: int}}\n", None, "", None),
        (HEAD + "rows: -1\n" + AB, "MD004", "2:7", None),
        (HEAD + "rows: many\n" + AB, "MD004", "2:7", "var."),
        (HEAD + "rows: 1_000\n" + AB, "MD004", "2:7", None),
        (HEAD + "rows: var.N\n" + AB, "MD012", "2:7", "did you mean `n`?"),
        (HEAD + "columns: {a: {type: int, nullable: yes}}\n", "MD002", "2:36", "write true"),
        (HEAD + "columns: {a: {type: int, nullable: true, null_rate: 2}}\n", "MD004", "2:53", None),
        (HEAD + "columns: {a: {type: int, null_rate: 0.5}}\n", "MD008", "2:26", "nullable: true"),
        (HEAD + "columns: {a: {type: interger}}\n", "MD009", "2:21", "did you mean `integer`?"),
        (HEAD + "columns: {a: {type: int, generate: normla}}\n", "MD005", "2:36", "did you mean `normal`?"),
        (
            HEAD + "columns: {a: {type: int, generate: {normla: {mean: 1}}}}\n",
            "MD005",
            "2:37",
            "did you mean `normal`?",
        ),
        (HEAD + "columns: {a: {type: int, generate: {normal: {maen: 1}}}}\n", "MD006", "2:46", "did you mean `mean`?"),
        (HEAD + "columns: {a: {type: int, generate: {normal: 3, mean: 1}}}\n", "MD006", "2:48", None),
        (HEAD + "columns: {a: {type: int, generate: 5}}\n", "MD002", "2:36", None),
        (HEAD + "columns: {a: {type: int, references: users}}\n", "MD004", "2:38", "users.id"),
        (
            HEAD + "columns: {a: {type: int, references: {column: users.id, on_delete: delete}}}\n",
            "MD004",
            "2:68",
            "cascade",
        ),
        (HEAD + "columns: {a: {type: int, identity: alway}}\n", "MD004", "2:36", "did you mean `always`?"),
        (HEAD + AB + "primary_key: [a, c]\n", "MD007", "5:18", None),
        (HEAD + AB + "primary_key: [a, a]\n", "MD010", "5:18", None),
        (HEAD + AB + "primary_key: []\n", "MD004", "5:14", None),
        (HEAD + AB + "unique: [a]\n", "MD002", "5:10", None),
        (HEAD + AB + "unique: [[a, bb]]\n", "MD007", "5:14", "did you mean `b`?"),
        (
            HEAD + AB + "foreign_keys: [{columns: [a, b], references: {table: u, columns: [x]}}]\n",
            "MD004",
            "5:46",
            None,
        ),
        (HEAD + AB + "foreign_keys: [{columns: [c], references: u.x}]\n", "MD007", "5:27", None),
        (HEAD + AB + "checks: [{nam: x, sql: a > 1}]\n", "MD001", "5:11", "did you mean `name`?"),
        (HEAD + AB + "checks: ['aa > 1']\n", "MD007", "5:10", None),
        (HEAD + AB + "indexes: [{columns: [c]}]\n", "MD007", "5:22", None),
        (HEAD + AB + "indexes: [{columns: [{expression: lower(bb)}]}]\n", "MD007", "5:11", None),
        (HEAD + AB + "indexes: [{name: i}]\n", "MD003", "5:11", None),
        (HEAD + AB + "generators: [{uuid: , columns: [a, c]}]\n", "MD007", "5:36", None),
        (HEAD + AB + "generators: [{uuid: }]\n", "MD003", "5:14", "columns"),
        (HEAD + AB + "generators: [{columns: [a]}]\n", "MD004", "5:14", None),
        (
            HEAD + "columns: {a: {type: int, generate: uuid}}\ngenerators: [{uuid: , columns: [a]}]\n",
            "MD014",
            "3:14",
            None,
        ),
        (HEAD + "columns: {a: {type: int, generated: 1 + 1, generate: uuid}}\n", "MD013", "2:44", "remove `generate`"),
        (HEAD + "columns: {a: {type: int, generated: 1 + 1, default: 3}}\n", "MD013", "2:44", "remove `default`"),
        (HEAD + "columns: {a: {type: int, identity: always, serial: true}}\n", "MD013", "2:44", None),
        (
            HEAD + "columns: {a: {type: int, primary_key: true}, b: {type: int, primary_key: true}}\n",
            "MD010",
            "2:61",
            "primary_key: [a, b]",
        ),
        (HEAD + "columns: {a: {type: int, primary_key: true, nullable: true}}\n", "MD013", "2:45", None),
        (HEAD + AB + "checks: [{name: x, sql: a > 1}, {name: x, sql: a > 2}]\n", "MD010", "5:33", None),
        (HEAD + "vocabulary: true\n" + AB, "MD002", "2:13", None),
        (HEAD + "vocabulary: {}\n" + AB, "MD003", "2:13", "reason"),
        (HEAD + "vocabulary: {reason: x, columns: [c]}\n" + AB, "MD007", "2:35", None),
        (HEAD + "vocabulary: {reason: x, columns: [b]}\n" + AB, "MD013", "4:3", "add `a`"),
        (HEAD + "vocabulary: {reason: x}\ncolumns: {a: {type: int, generate: uuid}}\n", "MD013", "3:36", None),
        (HEAD + AB + AB, "PJ002", "5:1", "line 2"),
    ],
)
def test_mistakes(text: str, code: str | None, place: str, hint: str | None) -> None:
    _, problems = read(text, "postgres")
    if code is None:
        assert not problems
        return
    assert [d.code for d in problems] == [code], problems
    assert str(problems[0].at) == f"models/x.yml:{place}"
    if hint:
        assert problems[0].hint is not None and hint in problems[0].hint


def test_one_mistake_does_not_lead_to_others() -> None:
    text = "table: t\ncolumns: {a: {typ: int}, b: integer}\nprimary_key: [a, b]\nchecks: ['a > b']\n"
    _, problems = read(text, "postgres")
    assert sorted(d.code for d in problems) == ["MD001", "MD002", "MD003"]


@pytest.mark.parametrize(
    "check",
    [
        "a IN ('x', 'y z')", "A > 0 AND b IS NOT NULL", "lower(b) = b", "b ~ '^[a-z]+$'", "b::text <> ''", "EXTRACT(year FROM a) > 2000",
        "a BETWEEN 1 AND 2 OR (b = ANY (ARRAY['x'::text, 'y'::text]))", "a > CURRENT_DATE - INTERVAL '1 day'", "length(trim(both ' ' from b)) > 0",
        "CASE WHEN a > 1 THEN b ELSE 'n' END = 'n'", '"a" > 1', "t.a > 1", "num_nonnulls(a, b) = 1", "a::numeric(10, 2) > 0", "jsonb_typeof(b -> 'kind') = 'x'",
        "b COLLATE \"C\" > 'a'", "b LIKE '%unknown_column%'", "((((a)::double precision >= (0)::double precision)))", "xmin IS NOT NULL", "date_part('epoch', a) > 1",
        "b SIMILAR TO 'x|y' ESCAPE '!'", "a = 1 /* zz */ -- yy", "completely ( broken", "VALUE > 1",
    ],
)  # fmt: skip
def test_right_checks_are_not_doubted(check: str) -> None:
    text = f"table: t\n{AB}checks:\n  - sql: |-\n      {check}\n"
    _, problems = read(text, "postgres")
    assert not problems


def test_files_are_found_and_told_apart(tmp_path: Path) -> None:
    for name in ("b.yml", "a/x.yaml", "_schema.yml", ".hidden.yml", ".git/y.yml", "note.txt"):
        path = tmp_path / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("table: t\ncolumns: {a: {type: int}}\n")
    assert [p.name for p in model_paths(tmp_path)] == ["x.yaml", "b.yml"]
    reader = ModelReader({}, "", GENERATORS, {})
    models, problems = read_models(tmp_path, reader)
    assert [m.path for m in models] == ["models/a/x.yaml"]
    found: Diagnostic = problems[0]
    assert (found.code, str(found.at)) == ("MD011", "models/b.yml:1:8")
    assert found.hint is not None and "models/a/x.yaml:1" in found.hint
