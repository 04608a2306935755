"""ssg: synthetic data for a database, from a project that shows exactly what was taken from the private one.

The Python API is the five arrows of the design, each imported from its own module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssgproj.engine.run import run_plan
    from ssgproj.graph.resolve import resolve
    from ssgproj.lint.linter import lint
    from ssgproj.plan.compile import compile_plan
    from ssgproj.project.parse import parse_project
    from ssgproj.source.stats import run_stats

__version__ = "0.1.0"

__all__ = ["__version__", "compile_plan", "lint", "parse_project", "resolve", "run_plan", "run_stats"]

_API = {
    "parse_project": "ssgproj.project.parse",
    "resolve": "ssgproj.graph.resolve",
    "compile_plan": "ssgproj.plan.compile",
    "run_plan": "ssgproj.engine.run",
    "run_stats": "ssgproj.source.stats",
}


def __getattr__(name: str) -> Any:
    if name in _API:
        return getattr(import_module(_API[name]), name)
    if name == "lint":
        # The package of that name can be called: were it a function here, importing the package would put itself in its place.
        return import_module("ssgproj.lint")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_API, "lint"]
