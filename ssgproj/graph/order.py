"""The order in which nodes are made, and what to do about circles."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ssgproj.diagnostics import Diagnostic, Location, Severity
from ssgproj.graph.node import Edge
from ssgproj.project.model import Model
from ssgproj.project.names import table_text

HARD, BY_KEY, NULLABLE, SOFT = 3, 2, 1, 0
"""What it takes to do without an edge: it cannot be done; keys computed ahead; NULL for a while; nothing."""


@dataclass(frozen=True, slots=True)
class Link:
    """`child` needs `parent`. `edge` is the reference it comes from, if it does.

    `key_needs`: the referenced key is itself a reference, to these nodes. Unless one of them is on the circle too, the key is known
    before the circle is entered.
    """

    child: str
    parent: str
    strength: int
    edge: Edge | None = None
    key_needs: frozenset[str] = frozenset()
    at: Location | None = None
    """Where it is written, if no reference says so: a generator that reads the parent's rows through columns `via`."""
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """`order` holds every node. `deferred` are the links that are not kept to; `problems` explain those that cannot be left so."""

    order: tuple[str, ...]
    deferred: tuple[Link, ...]
    problems: tuple[Diagnostic, ...]


def order_nodes(ids: Iterable[str], links: Iterable[Link], models: Mapping[str, Model]) -> Order:
    """Sort nodes so that what they need comes first. `models` are those of the ids that are models, for messages."""
    nodes = sorted(ids)
    every = [link for link in links if link.child != link.parent]
    deferred: list[Link] = []
    problems: list[Diagnostic] = []
    for component in _components(nodes, every):
        if len(component) > 1:
            inside = [link for link in every if link.child in component and link.parent in component]
            easier = {id(x): replace(x, strength=BY_KEY) for x in inside if x.key_needs and not x.key_needs & component}
            every = [easier.get(id(link), link) for link in every]
            inside = [easier.get(id(link), link) for link in inside]
            _break(sorted(component), inside, models, deferred, problems)
    out = set(map(id, deferred))
    return Order(_sorted(nodes, [link for link in every if id(link) not in out]), tuple(deferred), tuple(problems))


def _sorted(nodes: list[str], links: list[Link]) -> tuple[str, ...]:
    needed: dict[str, set[str]] = {node: set() for node in nodes}
    children: dict[str, list[str]] = {node: [] for node in nodes}
    for link in links:
        if link.parent not in needed[link.child]:
            needed[link.child].add(link.parent)
            children[link.parent].append(link.child)
    waiting = {node: len(parents) for node, parents in needed.items()}
    ready = [node for node in nodes if not waiting[node]]
    heapq.heapify(ready)
    done: list[str] = []
    while ready:
        node = heapq.heappop(ready)
        done.append(node)
        for child in children[node]:
            waiting[child] -= 1
            if not waiting[child]:
                heapq.heappush(ready, child)
    return tuple(done)


def _components(nodes: list[str], links: list[Link]) -> list[set[str]]:
    """The strongly connected components (Tarjan), without recursion: chains of thousands of tables are no trouble."""
    parents: dict[str, list[str]] = {node: [] for node in nodes}
    for link in links:
        parents[link.child].append(link.parent)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[set[str]] = []
    for root in nodes:
        if root in index:
            continue
        work = [(root, iter(parents[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for parent in rest:
                if parent not in index:
                    index[parent] = low[parent] = len(index)
                    stack.append(parent)
                    on_stack.add(parent)
                    work.append((parent, iter(parents[parent])))
                    break
                if parent in on_stack:
                    low[node] = min(low[node], index[parent])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component: set[str] = set()
                    while node not in component:
                        component.add(top := stack.pop())
                        on_stack.discard(top)
                    found.append(component)
    return found


def _break(
    nodes: list[str], links: list[Link], models: Mapping[str, Model], deferred: list[Link], problems: list[Diagnostic]
) -> None:
    """Place the nodes of a circle one by one, each time the one that can do with the least: what it lacks then is deferred."""
    lacking: dict[str, list[Link]] = {node: [] for node in nodes}
    waiting_for: dict[str, list[Link]] = {node: [] for node in nodes}
    for link in links:
        lacking[link.child].append(link)
        waiting_for[link.parent].append(link)
    placed: set[str] = set()
    costs: dict[str, list[int]] = {}
    heap: list[tuple[int, int, int, int, str]] = []

    def push(node: str) -> None:
        counts = costs[node]
        heapq.heappush(heap, (counts[HARD], counts[BY_KEY], counts[NULLABLE], counts[SOFT], node))

    for node in nodes:
        costs[node] = [0, 0, 0, 0]
        for link in lacking[node]:
            costs[node][link.strength] += 1
        push(node)
    while heap:
        hard, by_key, nullable, soft, node = heapq.heappop(heap)
        if node in placed or [soft, nullable, by_key, hard] != costs[node]:
            continue
        placed.add(node)
        missing = [link for link in lacking[node] if link.parent not in placed]
        deferred.extend(missing)
        worst = max((link.strength for link in missing), default=SOFT)
        if worst >= BY_KEY:
            problems.extend(_explain(link, links, models) for link in missing if link.strength == worst)
        for link in waiting_for[node]:
            if link.child not in placed:
                costs[link.child][link.strength] -= 1
                push(link.child)


def _explain(link: Link, links: list[Link], models: Mapping[str, Model]) -> Diagnostic:
    """GR302 for one circle that has no nullable reference, with the place of each reference on it."""
    path = (
        _path(link, [x for x in links if x.strength >= link.strength])
        or _path(link, [x for x in links if x.strength >= BY_KEY])
        or _path(link, links)
    )
    steps = [link, *path]
    words = [_step(step, models) for step in steps]
    start = _name(link.child, models)
    circle = " → ".join([*words, f"`{start}`"])
    at = link.edge.foreign_key.at if link.edge else link.at or models[link.child].at
    columns = [
        f"{_name(step.child, models)}.{step.edge.foreign_key.columns[0]}" for step in steps if step.edge is not None
    ]
    ways = f"write `nullable: true` for one of {', '.join(columns)}, or make one of the tables a `vocabulary`"
    reading = [step for step in steps if step.edge is None and step.at is not None]
    if reading and link.strength == HARD:
        message = f"Tables are filled from one another's rows in a circle: {circle}"
        first = reading[0]
        hint = (
            f"let `{_name(first.child, models)}.{','.join(first.via)}` not need `{_name(first.parent, models)}`, or "
            + ways
        )
        return Diagnostic("GR302", "cycle", message, first.at or at, hint if columns else hint.partition(", or ")[0])
    if link.strength == HARD:
        message = f"NOT NULL references go in a circle through the keys themselves: {circle}"
        return Diagnostic("GR302", "cycle", message, at, ways)
    message = f"NOT NULL references go in a circle, which works only because ssg computes the keys ahead: {circle}"
    return Diagnostic("GR302", "cycle", message, at, ways, Severity.WARNING)


def _step(link: Link, models: Mapping[str, Model]) -> str:
    name = _name(link.child, models)
    if link.edge is None:
        return f"`{name}.{','.join(link.via)}` ({link.at.path}:{link.at.line})" if link.at else f"`{name}`"
    at = link.edge.foreign_key.at
    return f"`{name}.{','.join(link.edge.foreign_key.columns)}` ({at.path}:{at.line})"


def _name(node: str, models: Mapping[str, Model]) -> str:
    return table_text(models[node].table) if node in models else node


def _path(link: Link, links: list[Link]) -> list[Link]:
    """The shortest way from the link's parent back to its child, along references."""
    by_child: dict[str, list[Link]] = {}
    for other in links:
        by_child.setdefault(other.child, []).append(other)
    came: dict[str, Link] = {}
    waiting = deque([link.parent])
    while waiting:
        node = waiting.popleft()
        if node == link.child:
            break
        for other in sorted(by_child.get(node, ()), key=lambda x: x.parent):
            if other.parent not in came and other.parent != link.parent:
                came[other.parent] = other
                waiting.append(other.parent)
    if link.child not in came:
        return []
    steps: list[Link] = []
    node = link.child
    while node != link.parent:
        steps.append(came[node])
        node = came[node].child
    return list(reversed(steps))
