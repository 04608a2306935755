"""Circles: what is deferred, what is said, and that there is always an order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssgproj.graph.order import BY_KEY, HARD, NULLABLE, SOFT, Link, order_nodes
from tests.graph.projects import project, table


def test_a_nullable_reference_is_deferred(tmp_path: Path) -> None:
    graph = project(tmp_path, {"a": table("a", "b_id=b.id"), "b": table("b", "a_id=a.id?")})
    assert not graph.diagnostics
    assert graph.order == ("model.b", "model.a")
    assert [(e.child, e.parent, e.foreign_key.columns, e.nullable) for e in graph.deferred] == [
        ("model.b", "model.a", ("a_id",), True)
    ]


def test_the_fewest_nullable_references_are_deferred(tmp_path: Path) -> None:
    models = {
        "a": table("a", "x=b.id?", "y=c.id?", "z=d.id?"),
        "b": table("b", "a=a.id?"),
        "c": table("c", "a=a.id?"),
        "d": table("d", "a=a.id?"),
    }
    graph = project(tmp_path, models)
    assert len(graph.deferred) == 3
    assert all(e.nullable for e in graph.deferred)


def test_keys_known_ahead_are_allowed_with_a_warning(tmp_path: Path) -> None:
    graph = project(
        tmp_path, {"a": table("a", "b_id=b.id"), "b": table("b", "c_id=c.id"), "c": table("c", "a_id=a.id")}
    )
    (found,) = graph.diagnostics
    assert (found.code, found.is_error) == ("GR302", False)
    assert "`a.b_id` (models/a.yml:4) → `b.c_id` (models/b.yml:4) → `c.a_id` (models/c.yml:4) → `a`" in found.message
    assert found.hint is not None and "nullable: true" in found.hint and "a.b_id" in found.hint
    assert [(e.child, e.nullable) for e in graph.deferred] == [("model.a", False)]
    assert graph.order == ("model.a", "model.c", "model.b")


KEYED = "table: {0}\ncolumns: {{id: {{type: integer, primary_key: true, references: {1}.id}}}}\n"


def test_a_circle_through_the_keys_is_an_error(tmp_path: Path) -> None:
    graph = project(tmp_path, {"a": KEYED.format("a", "b"), "b": KEYED.format("b", "c"), "c": KEYED.format("c", "a")})
    (found,) = graph.diagnostics
    assert (found.code, found.is_error) == ("GR302", True)
    for step in ("`a.id` (models/a.yml:2)", "`b.id` (models/b.yml:2)", "`c.id` (models/c.yml:2)"):
        assert step in found.message
    assert len(graph.order) == 3


def test_a_key_that_refers_out_of_the_circle_is_known_ahead(tmp_path: Path) -> None:
    person = "table: a\ncolumns: {id: {type: integer, primary_key: true, references: p.id}, b_id: {type: integer, references: b.id}}\n"
    other = "table: b\ncolumns: {id: {type: integer, primary_key: true, references: p.id}, a_id: {type: integer, references: a.id}}\n"
    graph = project(tmp_path, {"a": person, "b": other, "p": table("p")})
    assert [(d.code, d.is_error) for d in graph.diagnostics] == [("GR302", False)]
    assert graph.order[0] == "model.p"


def test_one_half_of_a_pair_by_key(tmp_path: Path) -> None:
    """b's key is a's; a refers to b: a is made first, with the keys that b will have."""
    graph = project(tmp_path, {"a": table("a", "b_id=b.id"), "b": KEYED.format("b", "a")})
    assert [(d.code, d.is_error) for d in graph.diagnostics] == [("GR302", False)]
    assert len(graph.deferred) == 1


def test_a_composite_reference_is_nullable_by_one_column(tmp_path: Path) -> None:
    a = "table: a\ncolumns: {x: {type: int}, y: {type: int}, p: {type: int}, q: {type: int, nullable: true}}\nprimary_key: [x, y]\n"
    a += "foreign_keys: [{columns: [p, q], references: {table: b, columns: [x, y]}}]\n"
    b = "table: b\ncolumns: {x: {type: int}, y: {type: int}, p: {type: int}, q: {type: int}}\nprimary_key: [x, y]\n"
    b += "foreign_keys: [{columns: [p, q], references: {table: a, columns: [x, y]}}]\n"
    assert project(tmp_path, {"a": a, "b": b}).deferred[0].nullable
    graph = project(tmp_path, {"a": a.replace("columns: [x, y]}}", "columns: [x, y]}, match: full}"), "b": b})
    assert [d.code for d in graph.diagnostics] == ["GR302"]


def test_long_chains_do_not_recurse() -> None:
    ids = [f"n{number:05}" for number in range(20_000)]
    links = [Link(one, other, HARD) for one, other in zip(ids[1:], ids, strict=False)]
    assert order_nodes(ids, links, {}).order == tuple(ids)
    circle = [*links, Link(ids[0], ids[-1], SOFT)]
    result = order_nodes(ids, circle, {})
    assert result.order == tuple(ids)
    assert [(x.child, x.parent) for x in result.deferred] == [(ids[0], ids[-1])]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.builds(Link, st.sampled_from("abcdefg"), st.sampled_from("abcdefg"), st.sampled_from([BY_KEY, NULLABLE, SOFT])), max_size=25
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_every_link_is_kept_to_or_deferred(links: list[Link], random: object) -> None:
    nodes = list("abcdefg")
    from ssgproj.project.model import Model, TableName

    models = {n: Model(TableName(n), f"{n}.yml", ()) for n in nodes}
    result = order_nodes(nodes, links, models)
    assert sorted(result.order) == nodes
    place = {node: number for number, node in enumerate(result.order)}
    deferred = [id(x) for x in result.deferred]
    for link in links:
        if link.child != link.parent and id(link) not in deferred:
            assert place[link.parent] < place[link.child]
    # Without a circle of NOT NULL references, none of them is deferred.
    strong = [x for x in links if x.strength == BY_KEY]
    if not order_nodes(nodes, strong, models).deferred:
        assert all(x.strength < BY_KEY for x in result.deferred)
        assert not result.problems


@pytest.mark.parametrize("names", [("a", "b", "c"), ("c", "b", "a")])
def test_the_order_does_not_depend_on_the_order_of_reading(names: tuple[str, ...]) -> None:
    links = [Link("a", "b", NULLABLE), Link("b", "c", NULLABLE), Link("c", "a", NULLABLE)]
    first = order_nodes(names, links, {})
    assert first.order == order_nodes(sorted(names), list(reversed(links)), {}).order
