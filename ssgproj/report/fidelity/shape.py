"""What kind of picture a column makes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssgproj.project.model import Column, ForeignKey, Model
    from ssgproj.report.fidelity.told import Told

MOST_CATEGORIES = 40
"""Whole numbers that are chosen from at most so many are categories; more make a histogram."""


class Shape(StrEnum):
    """How values of a column are looked at."""

    NUMBER = "number"
    MOMENT = "date"
    """A date or a point in time, in microseconds since 1970."""
    CLOCK = "time"
    """A time of day or a length of time, in microseconds."""
    CATEGORY = "category"
    TEXT = "text"
    """Texts that are nearly all different: their lengths are looked at."""
    KEY = "key"
    """Tells rows apart or points to another table: its values say nothing."""
    OPAQUE = "other"
    """Documents, lists, bytes: only whether there is a value."""

    @property
    def is_measured(self) -> bool:
        """Whether values have a place on an axis."""
        return self in (Shape.NUMBER, Shape.MOMENT, Shape.CLOCK)


_SHAPES: dict[Kind, Shape] = {
    Kind.BOOLEAN: Shape.CATEGORY,
    Kind.INTEGER: Shape.NUMBER,
    Kind.DECIMAL: Shape.NUMBER,
    Kind.FLOAT: Shape.NUMBER,
    Kind.MONEY: Shape.NUMBER,
    Kind.YEAR: Shape.NUMBER,
    Kind.DATE: Shape.MOMENT,
    Kind.TIMESTAMP: Shape.MOMENT,
    Kind.TIME: Shape.CLOCK,
    Kind.INTERVAL: Shape.CLOCK,
    Kind.STRING: Shape.CATEGORY,
    Kind.ENUM: Shape.CATEGORY,
    Kind.SET: Shape.CATEGORY,
}


@dataclass(frozen=True, slots=True)
class Looked:
    """A column with its shape, before any row is read. `place` is its number in the table."""

    column: Column
    shape: Shape
    place: int

    @property
    def name(self) -> str:
        return self.column.name


def look(model: Model, references: Sequence[tuple[ForeignKey, bool]], told: Told) -> tuple[Looked, ...]:
    """The shape of every column. `references` are the table's, each with whether its parent is a vocabulary."""
    keys = {c for key in (model.primary_key, *model.unique) if key and len(key.columns) == 1 for c in key.columns}
    keys |= {c for reference, public in references if not public for c in reference.columns}
    public = {c for reference, is_public in references if is_public for c in reference.columns}
    found = []
    for place, column in enumerate(model.columns):
        shape = _SHAPES.get(column.type.kind, Shape.OPAQUE)
        if column.name in keys or (column.identity and column.name not in public):
            shape = Shape.KEY
        elif column.name in public and shape is Shape.NUMBER:
            shape = Shape.CATEGORY
        elif shape is Shape.NUMBER and column.type.kind in (Kind.INTEGER, Kind.YEAR):
            shares = told.shares.get(column.name)
            if shares is not None and len(shares.values) <= MOST_CATEGORIES:
                shape = Shape.CATEGORY
        found.append(Looked(column, shape, place))
    return tuple(found)


def never_read(model: Model) -> tuple[str, ...]:
    """The columns that are only looked at for being there, whatever else is known: documents, lists, bytes."""
    return tuple(c.name for c in model.columns if c.type.kind not in _SHAPES and not _is_referring(model, c.name))


def _is_referring(model: Model, name: str) -> bool:
    return any(name in k.columns for k in model.foreign_keys)
