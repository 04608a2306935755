"""One telling of a story by itself, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def tell(
    story: str,
    project: Path | str | None = None,
    *,
    number: int = 0,
    seed: int | None = None,
    args: Mapping[str, Any] | None = None,
    vars: Mapping[str, Any] | None = None,
    stats: Mapping[str, Mapping[str, Sequence[Any]]] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """The rows of one telling of a story, by table, as they would stand in the destination: what was not given is filled in.

    `project` is its directory; by default the one around the working directory. `args` replace those of the project file. `stats` are columns
    of statistics by name; without them, the released results are used, and for a statistic that has none there is no value. The tables
    that the story's rows refer to are made as a run would make them. Raises ProjectError for a project with errors, and RunError with the
    place of what goes wrong in the story.
    """
    import tempfile
    from dataclasses import replace

    from ssgproj.engine.run import run_plan
    from ssgproj.errors import ProjectError, SsgError
    from ssgproj.graph.resolve import resolve
    from ssgproj.plan.compile import compile_plan
    from ssgproj.project.discovery import find_project
    from ssgproj.project.parse import parse_project
    from ssgproj.project.suggest import suggestion
    from ssgproj.results import usable_results
    from ssgproj.targets.parquet import ParquetDestination

    root = find_project(None if project is None else Path(project))
    parsed = parse_project(root, vars)
    if args is not None:
        settings = replace(parsed.settings, story_args={**parsed.settings.story_args, story: args})
        parsed = replace(parsed, settings=settings)
    graph = resolve(parsed)
    node = f"story.{story}"
    if node not in graph.nodes:
        known = [s.name for s in parsed.stories]
        raise SsgError(
            f"The project has no story `{story}`", suggestion(story, known) if known else "write stories/NAME.py"
        )
    results = (
        usable_results(root, parsed.stats)
        if stats is None
        else {n: {c: list(v) for c, v in t.items()} for n, t in stats.items()}
    )
    plan, problems = compile_plan(graph, selected=[node], stats=results, seed=seed)
    found = [d for d in (*parsed.diagnostics, *graph.diagnostics, *problems) if d.is_error]
    if found:
        raise ProjectError(found)
    planned = plan.stories[node]
    if number >= planned.count:
        # However often a run tells it, a test may look at any telling.
        plan = replace(plan, stories={**plan.stories, node: replace(planned, count=number + 1)})
    with tempfile.TemporaryDirectory(prefix="ssg-tell-") as directory:
        destination = ParquetDestination(Path(directory) / "told")
        run_plan(plan, destination, only=number)
        told: dict[str, list[dict[str, Any]]] = {}
        for inserted in planned.nodes:
            model = plan.tables[inserted].model
            told[str(model.table)] = [row for batch in destination.read(model) for row in batch.to_pylist()]
    return told
