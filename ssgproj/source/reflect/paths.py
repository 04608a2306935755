"""The file of each model."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ssgproj.project.model import TableName

_RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
_LONGEST = 200


def model_paths(tables: Iterable[TableName]) -> dict[TableName, str]:
    """`models/[schema.]table.yml` for each table. Names are made safe for every file system, and no two paths are equal
    there, also where upper and lower case are the same. `_schema.yml` is taken."""
    taken = {"_schema"}
    paths: dict[TableName, str] = {}
    for table in sorted(tables, key=lambda t: (t.schema or "", t.name)):
        parts = [table.schema, table.name] if table.schema else [table.name]
        wanted = ".".join(_safe(p) for p in parts)[:_LONGEST]
        if wanted.lower() in _RESERVED:
            wanted += "_"
        name, number = wanted, 1
        while name.casefold() in taken:
            number += 1
            name = f"{wanted}_{number}"
        taken.add(name.casefold())
        paths[table] = f"models/{name}.yml"
    return paths


def _safe(name: str) -> str:
    cleaned = re.sub(r"[^\w\-]+", "_", name)
    return cleaned.lstrip("-") or "_"
