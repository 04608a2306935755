from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ssgproj.report.committee.document import Document, NodeDoc
from ssgproj.report.committee.picture import HEIGHT, WIDTH, Picture, draw, focus


@st.composite
def graphs(draw: st.DrawFn) -> list[NodeDoc]:
    number = draw(st.integers(0, 90))
    kinds = draw(
        st.lists(st.sampled_from(["source", "stat", "vocabulary", "model", "story"]), min_size=number, max_size=number)
    )
    nodes = []
    for i, kind in enumerate(kinds):
        # Needs may point ahead and at the node itself: references go round in circles.
        needs = draw(st.lists(st.integers(0, number - 1), max_size=4)) if kind != "source" else []
        nodes.append(NodeDoc(f"{kind}.{i}", kind, str(i), "", tuple(f"{kinds[n]}.{n}" for n in needs)))
    return nodes


def assert_fits(picture: Picture) -> None:
    boxes = [(p.x, p.y) for p in picture.nodes]
    assert len(boxes) == len(set(boxes))
    for x, y in boxes:
        assert 0 <= x <= picture.width - WIDTH
        assert 0 <= y <= picture.height - HEIGHT
    rows: dict[float, list[float]] = {}
    for x, y in boxes:
        rows.setdefault(x, []).append(y)
    for places in rows.values():
        places.sort()
        assert all(b - a >= HEIGHT for a, b in pairwise(places))
    for arrow in picture.arrows:
        assert re.fullmatch(r"(?:[ML]-?\d+ -?\d+C(?:-?\d+ -?\d+ ?){3})+", arrow.path), arrow.path


@settings(max_examples=150, deadline=None)
@given(nodes=graphs())
def test_no_two_boxes_lie_on_one_another(nodes: list[NodeDoc]) -> None:
    picture = draw(nodes)
    assert {p.node.id for p in picture.nodes} == {n.id for n in nodes}
    assert {(a.start, a.end) for a in picture.arrows} == {(x, n.id) for n in nodes for x in n.needs if x != n.id}
    assert_fits(picture)


@settings(max_examples=50, deadline=None)
@given(nodes=graphs())
def test_the_source_is_on_the_left_of_the_wall(nodes: list[NodeDoc]) -> None:
    picture = draw(nodes)
    for placed in picture.nodes:
        if picture.wall is not None:
            assert (placed.x + WIDTH < picture.wall) == (placed.node.kind == "source")


def test_arrows_of_the_example_point_to_the_right(example: Document) -> None:
    picture = draw(example.nodes)
    x = {p.node.id: p.x for p in picture.nodes}
    assert picture.arrows
    assert all(x[a.start] < x[a.end] for a in picture.arrows)
    assert [z.title for z in picture.zones] == ["Source (private)", "What left it", "Destination (synthetic)"]


def test_focus_leaves_out_what_draws_on_nothing() -> None:
    nodes = [
        NodeDoc("source.a", "source", "a", "", ()),
        NodeDoc("stat.s", "stat", "s", "", ("source.a",)),
        NodeDoc("model.x", "model", "x", "", ("stat.s",)),
        NodeDoc("model.y", "model", "y", "", ("model.x",)),
        NodeDoc("model.z", "model", "z", "", ()),
    ]
    assert [n.id for n in focus(nodes)] == ["source.a", "stat.s", "model.x", "model.y"]
