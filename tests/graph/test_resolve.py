"""Names become edges; what cannot be followed is said."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest

from ssgproj.graph.resolve import resolve
from ssgproj.project.model import TableName
from ssgproj.project.parse import parse_project
from tests.graph.projects import STAT, codes, project, table


def test_parents_come_first_and_equals_by_name(tmp_path: Path) -> None:
    graph = project(
        tmp_path, {"b": table("b"), "a": table("a", "z_id=z.id"), "z": table("z"), "c": table("c", "self_id=c.id")}
    )
    assert not graph.diagnostics and not graph.project.diagnostics
    assert graph.order == ("model.b", "model.c", "model.z", "model.a")
    assert graph.nodes["model.a"].depends_on == ("model.z",)
    assert graph.nodes["model.c"].depends_on == ()
    assert graph.deferred == ()
    assert [k.to_table.name for k in graph.foreign_keys(graph.models[TableName("a")])] == ["z"]
    assert [m.table.name for m in graph.ordered_models()] == ["b", "c", "z", "a"]
    assert graph.model("model.a").table == TableName("a")
    with pytest.raises(KeyError):
        graph.model("vocabulary.a")


def test_everything_can_be_pickled(tmp_path: Path) -> None:
    graph = project(
        tmp_path, {"a": table("a", "b_id=b.id?"), "b": table("b", "a_id=a.id")}, files={"stats/s.sql": STAT}
    )
    assert pickle.loads(pickle.dumps(graph)) == graph


@pytest.mark.parametrize(
    ("models", "code", "words"),
    [
        (
            {"a": table("a", "u=usr.id"), "users": table("users"), "usrs": table("usrs")},
            "GR301",
            "did you mean `usrs`?",
        ),
        ({"a": table("a", "u=users.id"), "s": table("users\nschema: shop")}, "GR301", "did you mean `shop.users`?"),
        ({"a": table("a", "u=users.uid"), "users": table("users")}, "GR301", "did you mean `id`?"),
        ({"a": table("a", "u=other.id")}, "GR301", "models/other.yml"),
        (
            {"a": table("a", "u=t.id"), "t": table("t", key="{type: text, primary_key: true}")},
            "MD015",
            "write `type: text`",
        ),
        ({"a": table("a", "u=t.id"), "t": table("t", key="{type: integer}")}, "MD016", "primary_key: [id]"),
        ({"a": table("a", "u=t.x_id"), "t": table("t", "x_id=t.id")}, "MD016", "refer to (id)"),
        ({"a": table("a", "u=t.id", more="vocabulary: {reason: x}"), "t": table("t")}, "MD017", "leave `u` out"),
        ({"a": table("a", "u=t.id"), "t": table("t", more="rows: 0")}, "GR304", "rows:"),
    ],
)
def test_errors(tmp_path: Path, models: dict[str, str], code: str, words: str) -> None:
    graph = project(tmp_path, models)
    found = [d for d in graph.diagnostics if d.is_error]
    assert [d.code for d in found] == [code], found
    assert found[0].at.path == "models/a.yml"
    assert words in f"{found[0].message} {found[0].hint}"


@pytest.mark.parametrize(
    ("models", "code"),
    [
        ({"a": table("a", "u=t.id"), "t": table("t", more="ignore: true")}, "GR305"),
        ({"a": table("a", "u=t.id?", more="vocabulary: {reason: x}"), "t": table("t")}, "MD017"),
        (
            {
                "a": "table: a\ncolumns: {x: {type: varchar(3), references: t.y}}\n",
                "t": "table: t\ncolumns: {y: {type: varchar(5), unique: true}}\n",
            },
            "MD015",
        ),
        (
            {
                "a": "table: a\ncolumns: {x: {type: smallint, references: t.y}}\n",
                "t": "table: t\ncolumns: {y: {type: bigint, unique: true}}\n",
            },
            "MD015",
        ),
    ],
)
def test_warnings(tmp_path: Path, models: dict[str, str], code: str) -> None:
    graph = project(tmp_path, models)
    assert [(d.code, d.is_error) for d in graph.diagnostics] == [(code, False)]
    if code != "MD015":
        assert graph.foreign_keys(graph.models[TableName("a")]) == ()
    assert "model.t" not in graph.nodes or code != "GR305"


@pytest.mark.parametrize(
    "models",
    [
        # a unique index over whole columns and all rows is a key
        {
            "a": table("a", "u=t.x"),
            "t": "table: t\ncolumns: {x: {type: integer}}\nindexes: [{columns: [x], unique: true}]\n",
        },
        {"a": table("a", "u=t.x"), "t": "table: t\ncolumns: {x: {type: numeric}}\nunique: [[x]]\n"},
        # composite, in another order
        {
            "a": "table: a\ncolumns: {p: {type: int}, q: {type: int}}\nforeign_keys: [{columns: [p, q], references: {table: t, columns: [y, x]}}]\n",
            "t": "table: t\ncolumns: {x: {type: int}, y: {type: int}}\nprimary_key: [x, y]\n",
        },
        # a vocabulary that leaves the reference out, and vocabularies in a circle
        {"a": table("a", "u=t.id?", more="vocabulary: {reason: x, columns: [id]}"), "t": table("t")},
        {
            "a": table("a", "u=b.id", more="vocabulary: {reason: x}"),
            "b": table("b", "u=a.id", more="vocabulary: {reason: x}"),
        },
        # no row, no trouble
        {"a": table("a", "u=t.id?"), "t": table("t", more="rows: 0")},
        {"a": table("a", "u=t.id", more="rows: 0"), "t": table("t", more="rows: 0")},
        {"a": table("a", "u=t.id"), "t": table("t", more="vocabulary: {reason: x}")},
        {"a": table("a", "u=a.id")},
    ],
)
def test_what_is_right(tmp_path: Path, models: dict[str, str]) -> None:
    graph = project(tmp_path, models)
    assert not graph.diagnostics and not graph.project.diagnostics
    assert set(graph.order) == set(graph.nodes)


def test_references_that_are_left_out_do_not_stand_in_the_models(tmp_path: Path) -> None:
    models = {"a": table("a", "u=t.id", "v=b.id"), "t": table("t", more="ignore: true"), "b": table("b")}
    graph = project(tmp_path, models)
    assert [k.to_table.name for k in graph.model("model.a").foreign_keys] == ["b"]
    assert len(graph.project.models[0].foreign_keys) == 2
    copied = table("v", "b=b.id?", more="vocabulary: {reason: x, columns: [id]}")
    graph = project(tmp_path, {**models, "v": copied})
    assert len(graph.model("vocabulary.v").foreign_keys) == 1
    assert graph.foreign_keys(graph.model("vocabulary.v")) == ()


def test_the_default_schema_may_be_named(tmp_path: Path) -> None:
    settings = ""
    (tmp_path / "x").mkdir()
    models = {"a": table("a", "u=public.t.id"), "t": table("t")}
    assert codes(project(tmp_path, models))[0][0] == "GR301"
    (tmp_path / "ssg_project.yml").write_text(
        f"name: p\nsource: {{dialect: postgres, default_schema: public}}\n{settings}"
    )
    graph = resolve(parse_project(tmp_path))
    assert not graph.diagnostics
    assert graph.foreign_keys(graph.models[TableName("a")])[0].to_table == TableName("t")


USES = """\
table: users
rows: var.n
columns:
  id: {type: integer, primary_key: true}
  age:
    type: float
    generate:
      normal:
        mean: stat.ages.mean
        std_dev: var.spread
  kind: {type: text, generate: {choice: stat.ages, weights: n}}
"""


def test_stats_and_variables_are_used(tmp_path: Path) -> None:
    graph = project(tmp_path, {"u": USES}, settings="vars: {n: 3, spread: 1}\n", files={"stats/ages.sql": STAT})
    assert not graph.diagnostics
    assert graph.nodes["model.users"].depends_on == ("stat.ages",)
    assert graph.order == ("stat.ages", "model.users")


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "words"),
    [
        ("stat.ages.mean", "stat.age.mean", "GR301", "9:15", "did you mean `ages`?"),
        ("stat.ages.mean", "stat.ages.meen", "GR301", "9:15", "did you mean `mean`?"),
        ("var.spread", "var.sprad", "MD012", "10:18", "did you mean `spread`?"),
        ("weights: n", "weights: [column.agee]", "GR301", "11:61", "did you mean `age`?"),
        ("weights: n", "weights: nn", "GR301", "11:61", "did you mean `n`?"),
        ("weights: n", "weights: n, columns: [meen]", "GR301", "11:73", "did you mean `mean`?"),
    ],
)
def test_unknown_names_in_options(tmp_path: Path, old: str, new: str, code: str, place: str, words: str) -> None:
    graph = project(
        tmp_path, {"u": USES.replace(old, new)}, settings="vars: {n: 3, spread: 1}\n", files={"stats/ages.sql": STAT}
    )
    found = [d for d in graph.diagnostics if d.is_error]
    assert [(d.code, str(d.at)) for d in found] == [(code, f"models/u.yml:{place}")]
    assert words in (found[0].hint or "")


def test_a_stat_that_nothing_uses(tmp_path: Path) -> None:
    graph = project(tmp_path, {"a": table("a")}, files={"stats/ages.sql": STAT})
    assert codes(graph) == [("GR303", "stats/ages.sql:1:1")]
    assert not graph.diagnostics[0].is_error


STORY = """\
from ssgproj.stories import story

@story(count="var.n", inserts=["users", "visits"], stats=["ages"])
def sign_ups(ctx):
    ...
"""


def test_stories_come_between_what_they_need_and_what_they_fill(tmp_path: Path) -> None:
    models = {
        "users": table("users", "c=countries.id", more="rows: 0"),
        "visits": table("visits", "u=users.id"),
        "countries": table("countries"),
        "clicks": table("clicks", "v=visits.id"),
    }
    graph = project(tmp_path, models, settings="vars: {n: 3}\n", files={"stories/s.py": STORY, "stats/ages.sql": STAT})
    assert not graph.diagnostics and not graph.project.diagnostics
    assert graph.order == (
        "model.countries",
        "stat.ages",
        "story.sign_ups",
        "model.users",
        "model.visits",
        "model.clicks",
    )
    assert graph.nodes["story.sign_ups"].depends_on == ("model.countries", "stat.ages")
    assert graph.nodes["model.users"].depends_on == ("model.countries", "story.sign_ups")
    assert graph.deferred == ()


def test_a_story_that_needs_what_refers_to_what_it_fills(tmp_path: Path) -> None:
    models = {"users": table("users"), "visits": table("visits", "s=sites.id"), "sites": table("sites", "u=users.id")}
    graph = project(tmp_path, models, settings="vars: {n: 3}\n", files={"stories/s.py": STORY, "stats/ages.sql": STAT})
    assert not graph.diagnostics
    assert graph.order.index("model.users") < graph.order.index("model.sites") < graph.order.index("story.sign_ups")
    assert graph.order.index("story.sign_ups") < graph.order.index("model.visits")
    assert graph.deferred == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ('"users"', '"user"', "GR301", 3),
        ('["ages"]', '["agess"]', "GR301", 3),
        ("var.n", "var.m", "MD012", 3),
        ("var.n", "stat.agess.n", "GR301", 3),
        ('"users"', '"countries"', "GR306", 3),
    ],
)
def test_stories_that_name_what_is_not_there(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    models = {
        "users": table("users"),
        "visits": table("visits"),
        "countries": table("countries", more="vocabulary: {reason: x}"),
    }
    graph = project(
        tmp_path,
        models,
        settings="vars: {n: 3}\n",
        files={"stories/s.py": STORY.replace(old, new), "stats/ages.sql": STAT},
    )
    assert [(d.code, d.at.line) for d in graph.diagnostics if d.is_error] == [(code, line)]


def test_hashes_follow_meaning_only(tmp_path: Path) -> None:
    def hashes(text: str) -> dict[str, str]:
        graph = project(tmp_path, {"a": text})
        return {i: n.sha256 for i, n in graph.nodes.items()}

    first = hashes(
        "table: a\ntags: [x]\ncolumns: {id: {type: int, unique: true}, n: {type: int, generate: {normal: {mean: 1, min: 0}}}}\n"
    )
    again = "# note\ntags: [y]\ntable: a\ncolumns:\n  id: {type: int}\n  n:\n    generate: {normal: {min: 0, mean: 1}}\n    type: int\nunique: [[id]]\n"
    assert hashes(again) == first
    for change in (
        ("mean: 1", "mean: 2"),
        ("type: int}", "type: bigint}"),
        ("[[id]]", "[[n]]"),
        ("mean: 1", "mean: '1'"),
    ):
        assert hashes(again.replace(*change)) != first


def test_a_thousand_tables_are_resolved_in_about_a_second(tmp_path: Path) -> None:
    (tmp_path / "ssg_project.yml").write_text("name: p\nsource: {dialect: postgres}\n")
    (tmp_path / "models").mkdir()
    columns = "".join(f"  c{n}: {{type: varchar(80), nullable: true, null_rate: 0.2}}\n" for n in range(11))
    for number in range(1000):
        text = (
            table(f"t{number}", *([f"p=t{number // 2}.id"] if number else []))
            + columns
            + "checks: ['length(c1) > 2']\n"
        )
        (tmp_path / "models" / f"t{number}.yml").write_text(text)
    start = time.process_time()
    graph = resolve(parse_project(tmp_path))
    spent = time.process_time() - start
    assert not graph.diagnostics and len(graph.order) == 1000
    assert spent < 4  # near one on a quiet machine
