"""Taking back what a run wrote."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ssgproj.targets.base import Schema

if TYPE_CHECKING:
    from ssgproj.graph.graph import Graph
    from ssgproj.targets.base import Destination


def remove(
    graph: Graph, destination: Destination, nodes: Collection[str], *, data: bool, vocabularies: bool, tables: bool
) -> list[str]:
    """Empty or drop the tables of these nodes, in one all-or-nothing session. Returns what was done, a line a table."""
    project = graph.project
    by_node = {m.node_id: m for m in graph.models.values() if not m.ignore}
    models = [by_node[n] for n in graph.order if n in by_node]
    with destination.session(Schema(tuple(models), project.objects, project.settings.dialect)) as session:
        present = [m for m in models if m.node_id in nodes and session.existing(m) is not None]
        if tables:
            session.drop(present)
            done = [f"dropped {m.table}" for m in reversed(present)]
        else:
            chosen = [m for m in present if (vocabularies if m.vocabulary else data)]
            session.empty(chosen)
            done = [f"emptied {m.table}" for m in reversed(chosen)]
        session.commit()
    return done
