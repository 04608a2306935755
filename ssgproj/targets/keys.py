"""Which columns of a model are keys, and which references can stand."""

from __future__ import annotations

from ssgproj.project.model import ForeignKey, Model
from ssgproj.project.types import Kind


def integer_keys(model: Model) -> list[str]:
    """Integer columns that are part of a key or numbered by the database: a run that appends goes on from their greatest value."""
    keys = [u.columns for u in model.unique] + ([model.primary_key.columns] if model.primary_key else [])
    keys += [i.columns for i in model.indexes if i.unique and i.columns]
    named = {name for key in keys for name in key}
    return [c.name for c in model.columns if c.type.kind is Kind.INTEGER and (c.identity or c.name in named)]


def missing_parent(model: Model, key: ForeignKey) -> str:
    """The note on a reference to a table that is not there: its model is ignored, or there is none."""
    columns = ", ".join(key.columns)
    return f"The reference of `{model.table}` ({columns}) is left out: table `{key.to_table}` is not in the destination"
