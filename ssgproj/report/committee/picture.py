"""Where the nodes of the drawing stand: in columns from what is needed to what needs it, the source on the left of the wall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ssgproj.report.committee.document import NodeDoc

WIDTH, HEIGHT = 168, 38
_GAP_X, _GAP_Y, _TOP, _LEFT = 62, 12, 46, 14
_TALLEST = 22
"""Nodes above one another in a column; what is more goes beside them."""
FOCUS_ABOVE = 60
"""With more nodes than this the drawing begins with what draws on the source."""
_TAKEN = ("stat", "vocabulary")
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Placed:
    """A node and its upper left corner."""

    node: NodeDoc
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """A curve from one node to another, as the `d` of an SVG path."""

    start: str
    end: str
    path: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A heading over some columns."""

    title: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of `width` by `height`. `wall` is where the line between the source and the rest stands; None without a source."""

    nodes: tuple[Placed, ...]
    arrows: tuple[Arrow, ...]
    zones: tuple[Zone, ...]
    wall: float | None
    width: float
    height: float


def focus(nodes: Sequence[NodeDoc]) -> tuple[NodeDoc, ...]:
    """The nodes that something of the source reaches, and what they come from."""
    reached = {n.id for n in nodes if n.kind in ("source", *_TAKEN)}
    grown = True
    while grown:
        more = {n.id for n in nodes if n.id not in reached and reached.intersection(n.needs)}
        grown = bool(more)
        reached |= more
    return tuple(n for n in nodes if n.id in reached)


def draw(nodes: Sequence[NodeDoc]) -> Picture:
    """Place the nodes. They come in an order in which what is needed stands first, where that is possible."""
    ids = {n.id for n in nodes}
    layers = _layers(nodes)
    columns = _ordered(layers, {n.id: [x for x in n.needs if x in ids] for n in nodes})
    placed: dict[str, Placed] = {}
    spans: dict[int, tuple[float, float]] = {}
    x = float(_LEFT)
    tallest = max((min(len(c), _TALLEST) for c in columns.values()), default=1)
    height = tallest * (HEIGHT + _GAP_Y)
    for number, column in sorted(columns.items()):
        start = x
        for first in range(0, len(column), _TALLEST):
            part = column[first : first + _TALLEST]
            y = _TOP + (height - len(part) * (HEIGHT + _GAP_Y)) / 2
            for node in part:
                placed[node.id] = Placed(node, x, y)
                y += HEIGHT + _GAP_Y
            x += WIDTH + (_GAP_X if first + _TALLEST >= len(column) else _GAP_X / 3)
        spans[number] = (start, x - _GAP_X)
    arrows = [
        Arrow(needed, node.id, _curve(placed[needed], placed[node.id]))
        for node in nodes
        for needed in dict.fromkeys(node.needs)
        if needed in placed and needed != node.id
    ]
    wall = spans[0][1] + _GAP_X / 2 if 0 in spans else None
    return Picture(
        tuple(placed.values()),
        tuple(arrows),
        tuple(_zones(spans)),
        wall,
        x - _GAP_X + _LEFT if placed else 0,
        _TOP + height,
    )


def _layers(nodes: Iterable[NodeDoc]) -> Mapping[str, tuple[int, NodeDoc]]:
    """Column 0 the source, 1 what was taken, then each as far right as the longest way to it. References against the order do not count."""
    found: dict[str, tuple[int, NodeDoc]] = {}
    for node in nodes:
        if node.kind == "source":
            found[node.id] = (0, node)
        elif node.kind in _TAKEN:
            found[node.id] = (1, node)
        else:
            before = [found[n][0] for n in node.needs if n in found]
            found[node.id] = (max([1, *before]) + 1, node)
    return found


def _ordered(layers: Mapping[str, tuple[int, NodeDoc]], needs: Mapping[str, list[str]]) -> dict[int, list[NodeDoc]]:
    """The nodes of each column, such that arrows cross less: by the mean place of their neighbours, back and forth."""
    columns: dict[int, list[NodeDoc]] = {}
    for number, node in layers.values():
        columns.setdefault(number, []).append(node)
    users: dict[str, list[str]] = {}
    for name, needed in needs.items():
        for other in needed:
            users.setdefault(other, []).append(name)
    place = {n.id: i / max(1, len(c)) for c in columns.values() for i, n in enumerate(c)}
    for turn in range(_ROUNDS):
        neighbours = needs if turn % 2 == 0 else users
        for number in sorted(columns, reverse=bool(turn % 2)):

            def weight(node: NodeDoc, neighbours: Mapping[str, list[str]] = neighbours) -> float:
                near = [place[n] for n in neighbours.get(node.id, ()) if n in place]
                return sum(near) / len(near) if near else place[node.id]

            columns[number].sort(key=weight)
            for i, node in enumerate(columns[number]):
                place[node.id] = i / max(1, len(columns[number]))
    return columns


def _curve(start: Placed, end: Placed) -> str:
    x1, y1 = start.x + WIDTH, start.y + HEIGHT / 2
    x2, y2 = end.x, end.y + HEIGHT / 2
    if x2 > x1:
        bend = max(24.0, (x2 - x1) / 2)
        return f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    # Backwards, or within a column: out on the right and round to the left.
    return f"M{x1:.0f} {y1:.0f}C{x1 + 50:.0f} {y1:.0f} {x2 - 50:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"


def _zones(spans: Mapping[int, tuple[float, float]]) -> Iterable[Zone]:
    titles = {0: "Source (private)", 1: "What left it"}
    for number, title in titles.items():
        if number in spans:
            yield Zone(title, spans[number][0], spans[number][1] - spans[number][0])
    rest = [s for n, s in spans.items() if n > 1]
    if rest:
        yield Zone("Destination (synthetic)", rest[0][0], rest[-1][1] - rest[0][0])
