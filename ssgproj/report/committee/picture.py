"""Where the nodes of the drawing stand: in columns from what is needed to what needs it, the source on the left of the wall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ssgproj.report.committee.document import NodeDoc

WIDTH, HEIGHT = 168, 38
_GAP_X, _GAP_Y, _TOP, _LEFT = 62, 12, 46, 14
_TALLEST = 22
"""Nodes above one another in a column; what is more goes beside them."""
FOCUS_ABOVE = 60
"""With more nodes than this the drawing begins with what draws on the source."""
_TAKEN = ("stat", "vocabulary")
_PASSES = "\0"
"""Begins the names of places where an arrow passes a column; no id begins so."""
_ROUNDS = 6


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
    layers = _layers(nodes)
    needs = {n.id: tuple(x for x in dict.fromkeys(n.needs) if x in layers and x != n.id) for n in nodes}
    ways = _ways(layers, needs) if len(nodes) <= FOCUS_ABOVE else {}
    columns = _ordered(layers, needs, ways)
    sizes = {number: sum(_height(name) for name in column) for number, column in columns.items()}
    height = max((min(size, _TALLEST * (HEIGHT + _GAP_Y)) for size in sizes.values()), default=HEIGHT)
    by_id = {n.id: n for n in nodes}
    corners: dict[str, tuple[float, float]] = {}
    spans: dict[int, tuple[float, float]] = {}
    x = float(_LEFT)
    for number, column in sorted(columns.items()):
        start = x
        for part in _parts(column, height):
            y = _TOP + (height - sum(map(_height, part))) / 2
            for name in part:
                corners[name] = (x, y)
                y += _height(name)
            x += WIDTH + _GAP_X / 3
        x += _GAP_X * 2 / 3
        spans[number] = (start, x - _GAP_X)
    arrows = tuple(
        Arrow(needed, name, _curve(corners, (needed, *ways.get((needed, name), ()), name)))
        for name, of in needs.items()
        for needed in of
    )
    placed = tuple(Placed(by_id[name], *corner) for name, corner in corners.items() if name in by_id)
    wall = spans[0][1] + _GAP_X / 2 if 0 in spans else None
    width = x - _GAP_X + _LEFT if placed else 0
    return Picture(placed, arrows, tuple(_zones(spans)), wall, width, _TOP + height)


def _height(name: str) -> float:
    """What a node takes of a column; a place where an arrow passes takes less."""
    return HEIGHT * 0.4 if name.startswith(_PASSES) else HEIGHT + _GAP_Y


def _parts(column: Sequence[str], height: float) -> Iterable[list[str]]:
    """A column cut into pieces that are no taller than the drawing."""
    part: list[str] = []
    used = 0.0
    for name in column:
        if part and used + _height(name) > height + 1:
            yield part
            part, used = [], 0.0
        part.append(name)
        used += _height(name)
    yield part


def _ways(
    layers: Mapping[str, tuple[int, NodeDoc]], needs: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """For arrows over several columns, the places they pass in those between; arrows from one node share them."""
    return {
        (needed, name): tuple(f"{_PASSES}{i}\0{needed}" for i in range(layers[needed][0] + 1, layers[name][0]))
        for name, of in needs.items()
        for needed in of
    }


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


def _ordered(
    layers: Mapping[str, tuple[int, NodeDoc]],
    needs: Mapping[str, tuple[str, ...]],
    ways: Mapping[tuple[str, str], tuple[str, ...]],
) -> dict[int, list[str]]:
    """The names in each column, such that arrows cross less: by the mean place of their neighbours, back and forth."""
    columns: dict[int, list[str]] = {}
    for number, node in layers.values():
        columns.setdefault(number, []).append(node.id)
    before: dict[str, dict[str, None]] = {}
    after: dict[str, dict[str, None]] = {}
    for name, of in needs.items():
        for needed in of:
            way = (needed, *ways.get((needed, name), ()), name)
            for i, stop in enumerate(way[1:-1], layers[needed][0] + 1):
                if stop not in before:
                    columns.setdefault(i, []).append(stop)
            for one, other in pairwise(way):
                after.setdefault(one, {})[other] = None
                before.setdefault(other, {})[one] = None
    place = {n: i / max(1, len(c)) for c in columns.values() for i, n in enumerate(c)}
    for turn in range(_ROUNDS):
        neighbours = after if turn % 2 else before
        for number in sorted(columns, reverse=bool(turn % 2)):
            column = columns[number]
            means = {n: [place[o] for o in neighbours.get(n, ())] or [place[n]] for n in column}
            column.sort(key=lambda n, means=means: sum(means[n]) / len(means[n]))  # type: ignore[misc]
            place |= {n: i / max(1, len(column)) for i, n in enumerate(column)}
    return columns


def _curve(corners: Mapping[str, tuple[float, float]], way: Sequence[str]) -> str:
    """From the right of the first to the left of the last, level through the places between. Backwards where it has to go so."""
    path = ""
    for one, other in pairwise(way):
        x1, y1 = corners[one][0] + WIDTH, corners[one][1] + _middle(one)
        x2, y2 = corners[other][0], corners[other][1] + _middle(other)
        bend = max(24.0, (x2 - x1) / 2) if x2 > x1 else 50.0
        path += f"{'L' if path else 'M'}{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    return path


def _middle(name: str) -> float:
    return HEIGHT * 0.2 if name.startswith(_PASSES) else HEIGHT / 2


def _zones(spans: Mapping[int, tuple[float, float]]) -> Iterable[Zone]:
    titles = {0: "Source (private)", 1: "What left it"}
    for number, title in titles.items():
        if number in spans:
            yield Zone(title, spans[number][0], spans[number][1] - spans[number][0])
    rest = [s for n, s in spans.items() if n > 1]
    if rest:
        yield Zone("Destination (synthetic)", rest[0][0], rest[-1][1] - rest[0][0])
