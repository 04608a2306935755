"""The resolved project: nodes, the order in which they are made, and the references that close a circle."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ssgproj.diagnostics import Diagnostic
from ssgproj.generators.lookup import Link
from ssgproj.graph.node import Edge, Node
from ssgproj.graph.readings import Reading
from ssgproj.project.model import ForeignKey, Model, TableName
from ssgproj.project.names import parse_table_name
from ssgproj.project.project import Project


@dataclass(frozen=True, slots=True)
class Graph:
    """`order` holds every node id, parents first, alphabetical among equals. `deferred` are the references that cannot be kept to in
    that order. `models` are those of the project that are not ignored, without the references that had to be left out.
    `diagnostics` is what resolving found; what parsing found is in `project.diagnostics` and not repeated.
    """

    project: Project
    nodes: Mapping[str, Node] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    deferred: tuple[Edge, ...] = ()
    models: Mapping[TableName, Model] = field(default_factory=dict)
    references: Mapping[TableName, tuple[ForeignKey, ...]] = field(default_factory=dict)
    """Of each table, the foreign keys whose parent is in the project; `to_table` is the parent model's own name."""
    links: Mapping[TableName, tuple[Link, ...]] = field(default_factory=dict)
    """Of each table, the references by which its generators can read columns of its parents."""
    readings: Mapping[TableName, tuple[Reading, ...]] = field(default_factory=dict)
    """Of each table, what its generators read of other tables beyond its foreign keys."""
    diagnostics: tuple[Diagnostic, ...] = ()

    def foreign_keys(self, model: Model) -> tuple[ForeignKey, ...]:
        """The model's references whose parent is in the project and not ignored."""
        return self.references.get(model.table, ())

    def model(self, node_id: str) -> Model:
        """The model of a node (`model.users`, `vocabulary.countries`). Raises KeyError."""
        node = self.nodes[node_id]
        table = parse_table_name(node.name) if node.kind in ("model", "vocabulary") else None
        if table is None:
            raise KeyError(node_id)
        return self.models[table]

    def ordered_models(self) -> tuple[Model, ...]:
        """The models in `order`, vocabularies included."""
        by_id = {model.node_id: model for model in self.models.values()}
        return tuple(by_id[i] for i in self.order if i in by_id)

    def with_inserted(self, ids: Iterable[str]) -> set[str]:
        """These nodes, and the models that stories among them insert into: a story's rows are filled as their models say."""
        chosen = set(ids)
        by_table = {model.table: model.node_id for model in self.models.values()}
        told = (t for s in self.project.stories if s.node_id in chosen for t in s.inserts)
        return chosen | {by_table[t] for t in told if t in by_table}

    def ancestors(self, ids: Iterable[str], depth: int | None = None) -> set[str]:
        """Everything these nodes need, over at most `depth` steps; they themselves only where they are needed."""
        return _reach(ids, {i: node.depends_on for i, node in self.nodes.items()}, depth)

    def descendants(self, ids: Iterable[str], depth: int | None = None) -> set[str]:
        """Everything that needs these nodes, over at most `depth` steps."""
        children: dict[str, list[str]] = {i: [] for i in self.nodes}
        for node in self.nodes.values():
            for parent in node.depends_on:
                children[parent].append(node.id)
        return _reach(ids, children, depth)


def _reach(ids: Iterable[str], edges: Mapping[str, Iterable[str]], depth: int | None) -> set[str]:
    found: set[str] = set()
    waiting = deque((i, 0) for i in ids)
    seen = {i for i, _ in waiting}
    while waiting:
        current, steps = waiting.popleft()
        if depth is not None and steps >= depth:
            continue
        for other in edges.get(current, ()):
            found.add(other)
            if other not in seen:
                seen.add(other)
                waiting.append((other, steps + 1))
    return found
