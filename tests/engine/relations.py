"""Small projects on disk, compiled and run into an in-memory picture of their tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from ssgproj.diagnostics import Diagnostic
from ssgproj.engine.run import run_plan
from ssgproj.plan.compile import compile_plan
from ssgproj.plan.plan import Plan
from ssgproj.targets import open_destination
from tests.graph.projects import project


def compiled(
    root: Path,
    models: Mapping[str, str],
    *,
    stats: Mapping[str, Any] | None = None,
    settings: str = "",
    files: Mapping[str, str] | None = None,
) -> tuple[Plan, list[Diagnostic]]:
    """The plan of a project, with everything that was found on the way to it."""
    root.mkdir(exist_ok=True)
    graph = project(root, models, settings=settings, files=files)
    plan, found = compile_plan(graph, stats=stats)
    return plan, [*graph.project.diagnostics, *graph.diagnostics, *found]


def filled(
    root: Path,
    models: Mapping[str, str],
    *,
    stats: Mapping[str, Any] | None = None,
    workers: int = 1,
    passes: int = 1,
    settings: str = "",
    files: Mapping[str, str] | None = None,
) -> duckdb.DuckDBPyConnection:
    """The database that a run of the project fills."""
    plan, found = compiled(root, models, stats=stats, settings=settings, files=files)
    errors = [d for d in found if d.is_error and d.code not in ("GR301", "GR303")]
    assert not errors, errors
    path = root / "out.duckdb"
    run_plan(plan, open_destination(f"duckdb:///{path}", root), workers=workers, passes=passes)
    return duckdb.connect(str(path))
