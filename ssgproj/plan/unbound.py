"""Declared generators as the plan sees them before they can run: their words, what they need, and whether a result is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from ssgproj.errors import SsgError
from ssgproj.generators.base import Reference
from ssgproj.generators.lookup import NotFoundError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch
    from ssgproj.generators.lookup import Columns
    from ssgproj.project.model import Generate


@dataclass(frozen=True, slots=True)
class Unbound:
    """Stands for a generator that cannot be made yet: a statistic that it needs has no result."""

    label: str

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        raise SsgError(f"`{self.label}` needs a statistic that has no result", "ssg stats")


class UnboundMask:
    """Stands for a pattern of NULLs that cannot be made yet: a statistic that it needs has no result."""

    def __init__(self, columns: tuple[str, ...], label: str) -> None:
        self.columns, self.label = columns, label

    def rate(self, column: str) -> float:
        return 0.0

    def missing(self, rng: np.random.Generator, rows: int) -> NDArray[np.bool_]:
        raise SsgError(f"`{self.label}` needs a statistic that has no result", "ssg stats")


def described(generate: Generate) -> str:
    """A generator in one line, as models write it."""
    options = [_plain(v) if k == "" else f"{k}: {_plain(v)}" for k, v in generate.options.items()]
    return f"{generate.kind} {', '.join(options)}".strip()


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_plain(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_plain(v) for v in value) + "]"
    return str(value)


def references(spec: Any) -> Iterator[Reference]:
    """Every `stat.`, `var.` and `column.` reference in the options of a spec."""
    if isinstance(spec, Reference):
        yield spec
    elif is_dataclass(spec) and not isinstance(spec, type):
        for f in fields(spec):
            yield from references(getattr(spec, f.name))
    elif isinstance(spec, Mapping):
        for value in spec.values():
            yield from references(value)
    elif isinstance(spec, list | tuple):
        for value in spec:
            yield from references(value)


def uses_missing_stat(spec: Any, stats: Mapping[str, Any] | None) -> str | None:
    """The first statistic that the spec needs and that has no result."""
    for reference in references(spec):
        if reference.kind == "stat" and reference.name not in (stats or {}):
            return reference.name
    return None


def needed_columns(spec: Any, columns: Columns) -> tuple[str, ...]:
    """The columns of the same row that the spec's generator reads: itself, and to find the rows of parents."""
    needs = [r.name for r in references(spec) if r.kind == "column"]
    declared = getattr(spec, "needs", None)
    if callable(declared):
        needs += list(declared(columns.own))
    read = getattr(spec, "reads", None)
    for text in read() if callable(read) else ():
        with suppress(NotFoundError):  # graph and generator say so
            needs += columns.find(text).needs
    return tuple(dict.fromkeys(c for c in needs if c in columns.own))
