"""The metadata that SmartNoise gets. Everything that could void the guarantee is set here, never by the file.

`clamp_counts` is off: SmartNoise would set a negative count to 0 before it divides by it, which turns a mean into 0 without a word.
Released counts are floored at 0 after the query instead. `missing_value` is not passed on: SmartNoise adds no noise at all to the sum of
a column that has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssgproj.privacy.cost import censors

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat
    from ssgproj.project.stat_header import StatColumn


def smartnoise_metadata(stat: Stat) -> dict[str, Any]:
    """SmartNoise's metadata for a statistic with differential privacy, as plain dicts."""
    table: dict[str, Any] = {
        "max_ids": stat.max_ids if stat.max_ids is not None else 1,
        "row_privacy": False,
        "sample_max_ids": True,
        "censor_dims": stat.query is not None and censors(stat.query),
        "clamp_columns": True,
        "clamp_counts": False,
    }
    table |= {c.name: _column(c) for c in stat.columns if c.type is not None}
    return {"": {"": {"query_result": table}}}


def _column(column: StatColumn) -> dict[str, Any]:
    said: dict[str, Any] = {"type": column.type}
    if column.private_id:
        said["private_id"] = True
    for key in ("lower", "upper"):
        value = getattr(column, key)
        if value is not None and column.is_numeric:
            said[key] = int(value) if column.type == "int" else value
    return said
