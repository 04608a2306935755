"""Reflecting again keeps what people wrote, and follows the database in everything else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssgproj.errors import ProjectError
from ssgproj.project.merge import merge, merge_objects
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
from ssgproj.project.model_dict import canonical
from ssgproj.project.types import parse_type
from ssgproj.project.write import write_model, write_objects
from ssgproj.project.yaml_file import parse_yaml
from ssgproj.project.yaml_patch import comments
from tests.project.random_models import models, objects, read


def column(name: str, kind: str = "integer", **more: object) -> Column:
    return Column(name, parse_type(kind), **more)  # type: ignore[arg-type]


ORDERS = Model(
    TableName("orders"),
    "models/x.yml",
    (
        column("id", identity=Identity(always=True)),
        column("user_id"),
        column("total", "numeric(10, 2)"),
        column("note", "text", nullable=True),
    ),
    primary_key=PrimaryKey(("id",)),
    foreign_keys=(ForeignKey(("user_id",), TableName("users"), ("id",)),),
    checks=(Check("total > 0", "positive"),),
)
HAND = """\
# Orders of the shop
table: orders   # as in the source
rows: var.n
tags: [pii]

columns:
  # the key
  id: {type: int, identity: always, primary_key: true}
  user_id:
    references: users.id   # who
    type: integer
    generate: {normal: {mean: 1.50}}
  total: {type: "numeric(10,2)", generate: {choice: [1, 2]}}   # in pounds
  note:
    type: text
    nullable: true
    null_rate: 0.5   # half
    description: What people write
checks:
  # paid
  - {name: positive, sql: "total > 0"}
generators:
  - uuid:
    columns: [note]
# the end
"""


def test_nothing_changes_where_nothing_changed() -> None:
    assert merge(HAND, ORDERS) == HAND


def test_windows_line_ends_stay() -> None:
    wanted = replace(ORDERS, description="All of them")
    text = merge(HAND.replace("\n", "\r\n"), wanted)
    assert "description: All of them\r\n" in text
    assert "\n" not in text.replace("\r\n", "")


def test_a_new_column_takes_its_place_and_a_dropped_one_leaves_its_comments() -> None:
    columns = (ORDERS.columns[0], column("made", "date"), *ORDERS.columns[1:2], ORDERS.columns[3])
    text = merge(HAND, replace(ORDERS, columns=columns, checks=()))
    assert "  id: {type: int, identity: always, primary_key: true}\n  made: {type: date}\n  user_id:\n" in text
    assert "total:" not in text
    assert "# in pounds" in text
    assert "# paid" in text
    assert "generate: {normal: {mean: 1.50}}" in text


def test_a_changed_fact_is_changed_alone() -> None:
    columns = (*ORDERS.columns[:2], column("total", "bigint"), ORDERS.columns[3])
    text = merge(HAND, replace(ORDERS, columns=columns))
    assert text == HAND.replace('{type: "numeric(10,2)", generate', "{type: bigint, generate")


def test_a_column_that_is_not_null_any_more_loses_its_null_rate() -> None:
    columns = (*ORDERS.columns[:3], column("note", "text"))
    text = merge(HAND, replace(ORDERS, columns=columns))
    assert "null_rate" not in text
    assert "nullable" not in text
    assert "# half" in text
    assert "description: What people write" in text


def test_the_source_comment_wins_where_there_is_one() -> None:
    columns = (*ORDERS.columns[:3], replace(ORDERS.columns[3], description="Free text"))
    text = merge(HAND, replace(ORDERS, columns=columns))
    assert "description: Free text" in text
    assert "What people write" not in text


def test_keys_and_references_move_with_the_database() -> None:
    wanted = replace(
        ORDERS,
        primary_key=PrimaryKey(("id", "user_id")),
        unique=(UniqueKey(("note",)), UniqueKey(("note", "total"), "pair")),
        foreign_keys=(ForeignKey(("user_id",), TableName("people"), ("id",), on_delete="cascade"),),
        indexes=(Index((IndexPart("note"),), "by_note"),),
    )
    text = merge(HAND, wanted)
    model, problems = read(text)
    assert not [d for d in problems if d.is_error]
    assert model is not None
    assert (model.primary_key, model.unique, model.foreign_keys) == (
        wanted.primary_key,
        wanted.unique,
        wanted.foreign_keys,
    )
    assert model.indexes == wanted.indexes
    assert "# who" in text
    assert text.index("primary_key: [") < text.index("unique:\n") < text.index("checks:") < text.index("indexes:")


def test_a_renamed_check_keeps_its_place() -> None:
    wanted = replace(ORDERS, checks=(Check("total >= 0", "positive"), Check("user_id > 0")))
    assert "  # paid\n  - {name: positive, sql: total >= 0}\n  - user_id > 0\ngenerators" in merge(HAND, wanted)


def test_a_broken_file_is_refused() -> None:
    with pytest.raises(ProjectError):
        merge("table: [", ORDERS)


@pytest.mark.parametrize(
    "text", ["", "# only this\n", "- a\n", "{table: orders, columns: {id: {type: integer}}} # flow\n", "table: x # t\n"]
)
def test_files_that_cannot_be_kept_are_written_anew_with_their_comments(text: str) -> None:
    result = merge(text, ORDERS)
    model, problems = read(result)
    assert not problems
    assert model == canonical(ORDERS)
    for comment in re.findall("#.*", text):
        assert comment in result


def test_anchors_survive_or_are_written_out() -> None:
    text = HAND.replace("tags: [pii]", "tags: &t [pii]").replace("    type: text\n", "    type: text\n    tags: *t\n")
    columns = (*ORDERS.columns[:2], column("total", "bigint"), ORDERS.columns[3])
    model, problems = read(merge(text, replace(ORDERS, columns=columns)))
    assert not problems
    assert model is not None
    assert model.column("note").tags == ("pii",)


def expected(old: Model, new: Model) -> Model:
    columns = []
    for wanted in new.columns:
        there = next((c for c in old.columns if c.name == wanted.name), None)
        if there is None:
            columns.append(wanted)
            continue
        rate = there.null_rate if wanted.nullable else None
        columns.append(
            replace(
                wanted,
                null_rate=rate if there.null_rate is not None else wanted.null_rate,
                tags=there.tags or wanted.tags,
                description=wanted.description or there.description,
            )
        )
    return replace(
        new,
        columns=tuple(columns),
        rows=new.rows if old.rows is None else old.rows,
        tags=old.tags or new.tags,
        ignore=old.ignore,
        vocabulary=old.vocabulary,
        description=new.description or old.description,
        generators=(),
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Model, Model, str]:
    """A model with a commented file, and the same table some time later."""
    old = draw(models())
    other = draw(models())
    kept = draw(st.lists(st.sampled_from(old.columns), unique_by=lambda c: c.name))
    names = {c.name for c in kept}
    fresh = [c for c in other.columns if c.name not in names and c.name not in {o.name for o in old.columns}]
    bare = [replace(c, null_rate=None, tags=()) for c in fresh]
    changed = [
        replace(
            c,
            type=draw(st.sampled_from([c.type, parse_type("bigint")])),
            nullable=draw(st.booleans()),
            description=None,
            null_rate=None,
            tags=(),
        )
        for c in kept
    ]
    new = replace(
        draw(st.sampled_from([old, other])),
        table=old.table, columns=tuple(draw(st.permutations(changed + bare))), rows=None, tags=(), ignore=False, vocabulary=None, generators=(),
    )  # fmt: skip
    there = {c.name for c in new.columns}
    parts = {
        name: tuple(k for k in getattr(new, name) if there.issuperset(k.columns)) for name in ("unique", "foreign_keys")
    }
    key = new.primary_key if new.primary_key and there.issuperset(new.primary_key.columns) else None
    new = replace(new, primary_key=key, **parts)
    lines = write_model(old).splitlines()
    text = "\n".join(
        line + (f"  # note {number}" if _takes_comment(lines, number) and draw(st.booleans()) else "")
        for number, line in enumerate(lines)
    )
    return old, new, text + "\n"


def _takes_comment(lines: list[str], number: int) -> bool:
    return re.match(r"(?:  )?[\w]+: *\{.*\}$|(?:  )?[a-z_]+:$", lines[number]) is not None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs())
def test_any_change_is_followed(case: tuple[Model, Model, str]) -> None:
    old, new, text = case
    result = merge(text, new)
    found, problems = read(result)
    assert not [d for d in problems if d.code in ("MD001", "MD002", "MD003", "PJ001", "PJ002")], result
    assert found is not None
    wanted = canonical(expected(old, new))

    def bare(model: Model) -> Model:
        parts = {
            name: tuple(sorted(getattr(model, name), key=repr))
            for name in ("unique", "foreign_keys", "checks", "indexes", "exclusions", "partitions", "vendor")
        }
        return replace(model, generators=(), **parts)  # type: ignore[arg-type]

    assert bare(found) == bare(wanted), result
    assert [g for g in found.generators if len(g.columns) > 1] == [
        g for g in canonical(old).generators if len(g.columns) > 1
    ]
    left = {c.name for c in new.columns}
    assert {g.columns for g in canonical(old).generators if g.columns[0] in left} <= {
        g.columns for g in found.generators
    }
    before, after = (comments(parse_yaml(t, "x")[0]) for t in (text, result))
    assert sorted(c for c in before if "note" in c) == sorted(c for c in after if "note" in c), result
    assert merge(result, new) == result


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(objects, objects)
def test_objects_are_followed(old: SchemaObjects, new: SchemaObjects) -> None:
    text = write_objects(old) + "# the end\n"
    result = merge_objects(text, new)
    assert "# the end" in result
    assert merge_objects(result, new) == result
    if (
        not any(t.description for t in old.types)
        and not any(c for _, c in old.schemas)
        and not any(s.description for s in old.sequences)
    ):
        file, problems = parse_yaml(result, "x")
        again, _ = parse_yaml(write_objects(new), "x")
        assert not problems
        from ssgproj.project.yaml_node import plain_value

        assert (plain_value(file.root) if file.root else None) == (plain_value(again.root) if again.root else None)


def test_objects_keep_comments_and_descriptions() -> None:
    text = "# all\ntypes:\n  # moods\n  - {enum: mood, labels: [a, b], description: How one feels}   # short\n  - {enum: old, labels: [x]}\n"
    new = SchemaObjects(extensions=("citext",), types=(NamedType(TableName("mood"), "enum", labels=("a", "b", "c")),))
    result = merge_objects(text, new)
    assert "labels: [a, b, c]" in result
    assert "description: How one feels" in result
    assert "# moods" in result and "# short" in result and "# all" in result
    assert "old" not in result
