"""ssg: synthetic data for a database, from a project that shows exactly what was taken from the private one.

The Python API, each name imported from its own module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_API = {
    "parse_project": "ssgproj.project.parse",
    "resolve": "ssgproj.graph.resolve",
    "compile_plan": "ssgproj.plan.compile",
    "open_destination": "ssgproj.targets",
    "run_plan": "ssgproj.engine.run",
    "run_stats": "ssgproj.source.stats",
}

__all__ = ["__version__", *_API]  # noqa: PLE0604 - a tuple of names made from one place


def __getattr__(name: str) -> Any:
    if name in _API:
        return getattr(import_module(_API[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
