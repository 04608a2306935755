"""`--select` and `--exclude`."""

from __future__ import annotations

import pytest

from ssgproj.errors import ExitCode, SsgError
from ssgproj.graph.graph import Graph
from ssgproj.graph.selection import select
from tests.graph.projects import STAT, project, table

STORY = "from ssgproj.stories import story\n@story(inserts=['users'])\ndef sign_ups(ctx): ...\n"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    models = {
        "countries": table("countries", more="vocabulary: {reason: x}\ntags: [public]"),
        "users": table("users", "c=countries.id", more="tags: [pii, people]"),
        "sessions": table("sessions", "u=users.id", more="tags: [pii]"),
        "shop/orders": table("orders\nschema: shop", "s=sessions.id"),
        "old": table("old", more="ignore: true"),
    }
    return project(tmp_path_factory.mktemp("p"), models, files={"stats/ages.sql": STAT, "stories/s.py": STORY})


C, U, S, O, A, T = (
    "vocabulary.countries",
    "model.users",
    "model.sessions",
    "model.shop.orders",
    "stat.ages",
    "story.sign_ups",
)


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        ([], {C, U, S, O, A, T}),
        (["users"], {U}),
        (["model.users"], {U}),
        (["shop.orders"], {O}),
        (["orders"], {O}),
        (["ord*"], {O}),
        (["ages"], {A}),
        (["+users"], {C, T, U}),
        (["users+"], {U, S, O}),
        (["1+sessions"], {U, S}),
        (["users+1"], {U, S}),
        (["1+users+1"], {C, T, U, S}),
        (["+users+"], {C, T, U, S, O}),
        (["users sessions"], {U, S}),
        (["users", "sessions"], {U, S}),
        (["tag:pii"], {U, S}),
        (["tag:p*"], {C, U, S}),
        (["tag:pii,users"], {U}),
        (["tag:pii,tag:people"], {U}),
        (["+sessions,tag:pii"], {U, S}),
        (["tag:none"], set()),
        (["resource_type:vocabulary"], {C}),
        (["resource_type:story"], {T}),
        (["stat:*"], {A}),
        (["stat:x*"], set()),
        (["model:s*"], {S, O}),
        (["s*"], {S, O, T}),
        (["shop.*"], {O}),
        (["models/users.yml"], {U}),
        (["path:models/shop"], {O}),
        (["models/shop/"], {O}),
        (["./models/shop"], {O}),
        (["models"], {C, U, S, O}),
        (["stats/ages.sql"], {A}),
        (["path:stats+"], {A}),
        (["models/*.yml"], {C, U, S, O}),
    ],
)
def test_expressions(graph: Graph, expressions: list[str], expected: set[str]) -> None:
    found = select(graph, expressions)
    assert set(found) == expected
    assert list(found) == [n for n in graph.order if n in expected]


def test_exclude(graph: Graph) -> None:
    assert set(select(graph, ["tag:pii"], ["sessions"])) == {U}
    assert set(select(graph, [], ["+users", "stat:*"])) == {S, O}
    assert select(graph, ["users"], ["users"]) == ()


def test_state(graph: Graph) -> None:
    before = {i: n.sha256 for i, n in graph.nodes.items()}
    assert select(graph, ["state:modified"], state=before) == ()
    before[U] = "other"
    del before[S]
    assert set(select(graph, ["state:modified"], state=before)) == {U, S}
    assert set(select(graph, ["state:new"], state=before)) == {S}
    assert set(select(graph, ["state:modified+"], state=before)) == {U, S, O}


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("user", "did you mean `users`?"),
        ("order", "did you mean `shop.orders`?"),
        ("zzz*", "ssg ls"),
        ("old", "ignore: true"),
        ("models/usres.yml", "did you mean `models/users.yml`?"),
        ("path:model", "did you mean `models`?"),
        ("tga:pii", "did you mean `tag`?"),
        ("resource_type:models", "did you mean `model`?"),
        ("state:changed", "modified"),
        ("state:modified", "--state"),
        ("tag:", "tag:*"),
        ("users,", "comma"),
        ("+", "+users"),
        ("@users", "+NAME+"),
    ],
)
def test_what_cannot_be_selected(graph: Graph, expression: str, words: str) -> None:
    for attempt in (lambda: select(graph, [expression]), lambda: select(graph, [], [expression])):
        with pytest.raises(SsgError) as error:
            attempt()
        assert error.value.exit_code is ExitCode.CANNOT
        assert words in f"{error.value.message} {error.value.hint}"
