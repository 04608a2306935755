"""The sections by name, in the order in which they run. To add one, write its file and its line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from benchmarks.context import Context
from benchmarks.results import Section

SECTIONS = ("startup", "generators", "limit", "growth", "stats", "sqlsynthgen")


def section(name: str) -> Callable[[Context], Section]:
    """What runs the section: the function `measure` of its module."""
    measure: Callable[[Context], Section] = import_module(f"benchmarks.sections.{name}").measure
    return measure
