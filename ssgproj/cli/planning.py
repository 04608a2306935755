"""From a command's options to the plan: what `compile`, `run` and `remove` have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ssgproj.cli import console
from ssgproj.errors import ProjectError, SsgError

if TYPE_CHECKING:
    from ssgproj.cli.options import Common
    from ssgproj.diagnostics import Diagnostic
    from ssgproj.graph.graph import Graph
    from ssgproj.plan.plan import Plan
    from ssgproj.project.profiles import Profile
    from ssgproj.project.project import Project
    from ssgproj.targets.base import Destination


def resolved(common: Common) -> Graph:
    """The graph of the project. Warnings are shown, errors raise ProjectError."""
    from ssgproj.graph.resolve import resolve

    graph = resolve(common.project())
    if any(d.is_error for d in graph.diagnostics):
        errors = [d for d in graph.diagnostics if d.is_error]
        raise ProjectError([*errors, *(d for d in _standing(graph) if not d.is_error)])
    console.show_diagnostics(_standing(graph))
    return graph


def _standing(graph: Graph) -> list[Diagnostic]:
    """What resolving found beside what parsing did, less what the project ignores and what `noqa` comments silence."""
    project = graph.project
    found = [
        d for d in graph.diagnostics if d not in project.diagnostics and d.code not in project.settings.lint_ignore
    ]
    if not found:
        return found
    from ssgproj.lint.noqa import find_noqa, silence

    texts = {d.at.path: project.root / d.at.path for d in found}
    comments = {n: find_noqa(n, p.read_text("utf-8", errors="replace")) for n, p in texts.items() if p.is_file()}
    return silence(found, comments)[0]


def selected_nodes(graph: Graph, select: Sequence[str], exclude: Sequence[str]) -> tuple[str, ...]:
    """The node ids that `--select` and `--exclude` leave, in the plan's order."""
    from ssgproj.graph.selection import select as choose

    return tuple(choose(graph, select, exclude))


def planned(
    graph: Graph,
    *,
    select: Sequence[str] = (),
    exclude: Sequence[str] = (),
    stats: Mapping[str, Any] | None = None,
    seed: int | None = None,
    rows: int | None = None,
) -> Plan:
    """The plan. Raises ProjectError with everything that is wrong with generators."""
    from ssgproj.light import without_pandas

    without_pandas()
    from ssgproj.plan.compile import compile_plan
    from ssgproj.vocabularies import vocabulary_rows

    sizes = {}
    for model in graph.models.values():
        if model.vocabulary and not model.ignore:
            try:
                sizes[model.node_id] = vocabulary_rows(graph.project.root, model)
            except SsgError:
                continue  # not copied yet, or not readable: `run` will say so
    plan, diagnostics = compile_plan(
        graph,
        selected=selected_nodes(graph, select, exclude),
        stats=stats,
        seed=seed,
        rows=rows,
        vocabulary_rows=sizes,
    )
    if any(d.is_error for d in diagnostics):
        raise ProjectError(diagnostics)
    console.show_diagnostics(diagnostics)
    return plan


def destination_of(profile: Profile, project: Project) -> Destination:
    """The destination of the profile. Raises SsgError if it is not set, or is the source."""
    from ssgproj.project.same_place import same_place
    from ssgproj.targets import open_destination

    root = project.root
    if not profile.destination:
        raise SsgError(
            "No destination is set", "set SSG_DESTINATION_URL, for example to duckdb:///target/synthetic.duckdb"
        )
    if profile.source and same_place(profile.source.reveal(), profile.destination.reveal(), root):
        raise SsgError("The destination is the source", "set SSG_DESTINATION_URL to another database")
    url, schema = profile.destination.reveal(), profile.schemas.get("default")
    return open_destination(url, root, schema, unlogged=profile.unlogged)
