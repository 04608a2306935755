"""The corpus of labelled queries, and each of them as the statistic that a steward would have written."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from ssgproj.project.model import Column, ForeignKey, Model, PrimaryKey, TableName
from ssgproj.project.project import PrivacySettings, Project, Settings
from ssgproj.project.stat import Stat, parse_stat
from ssgproj.project.types import parse_type

HERE = Path(__file__).parent
TYPES = {"int": "integer", "float": "double precision", "string": "text", "boolean": "boolean", "datetime": "timestamp"}
TABLE_OPTIONS = {
    "rows", "rows_exact", "row_privacy", "max_ids", "sample_max_ids", "clamp_counts", "clamp_columns", "use_dpsu", "censor_dims",
}  # fmt: skip
NULLABLE = {"device", "secs_elapsed", "emp_length", "rating"}


@cache
def rows() -> list[dict[str, Any]]:
    metadata = json.loads((HERE / "corpus_metadata.json").read_text())
    found = [json.loads(line) for line in (HERE / "corpus.jsonl").read_text().splitlines()]
    return [{**row, "metadata": metadata[row["metadata"]]} for row in found]


def table(row: dict[str, Any]) -> dict[str, Any] | None:
    """The one table of a row's metadata; None where the metadata are not of that shape."""
    metadata = row["metadata"]
    try:
        found = metadata[""][""]["query_result"]
        if len(metadata[""][""]) > 1:
            return None
    except (TypeError, KeyError, IndexError):
        return None
    return found if isinstance(found, dict) and found and "engine" not in metadata else None


def private_id(said: dict[str, Any]) -> str | None:
    return next((k for k, v in said.items() if isinstance(v, dict) and v.get("private_id") is True), None)


def scalar(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf"
    return json.dumps(value)


def stat_text(row: dict[str, Any], said: dict[str, Any]) -> str:
    """The row as a file. Rows that protect rows instead of people get a person for each row."""
    columns = {k: v for k, v in said.items() if k not in TABLE_OPTIONS}
    options = {k: v for k, v in said.items() if k in TABLE_OPTIONS}
    header = [f"epsilon: {row['epsilon']!r}", f"delta: {row['delta']!r}"]
    if options.pop("row_privacy", False) and private_id(said) is None and "user_id" not in columns:
        columns["row_id"] = {"type": "int", "private_id": True}
        options.setdefault("max_ids", 1)
    header += [f"{k}: {scalar(v)}" for k, v in options.items()]
    if said.get("row_privacy") and "row_id" not in columns:
        header.append("row_privacy: true")
    header.append("columns:")
    for name, column in columns.items():
        inner = (
            "{" + ", ".join(f"{k}: {scalar(v)}" for k, v in column.items()) + "}"
            if isinstance(column, dict)
            else scalar(column)
        )
        header.append(f"  {name}: {inner}" if name.isidentifier() else f"  {json.dumps(name)}: {inner}")
    in_frame = [c for c in columns if c not in ("nosuch", "uid")]
    selected = ", ".join(f'"{c}"' if not c.islower() or not c.isidentifier() else c for c in in_frame) or "1 AS one"
    return (
        "/* ssg:stat\n"
        + "\n".join(header)
        + f"\n*/\nWITH query_result AS (\n    SELECT {selected} FROM source\n)\n\n{row['sql']}"
    )


def project_of(stats: tuple[Stat, ...], base: dict[str, Any]) -> Project:
    """A project whose table `source` has the columns of `base`, and a person table that its private id refers to."""
    pid = private_id(base) or "row_id"
    columns = {k: v for k, v in base.items() if isinstance(v, dict)} | {
        pid: {"type": (base.get(pid) or {"type": "int"})["type"]}
    }
    people = Model(
        TableName("people"), "models/people.yml", (Column("id", parse_type("text")),), primary_key=PrimaryKey(("id",))
    )
    source = Model(
        TableName("source"),
        "models/source.yml",
        tuple(
            Column(k, parse_type(TYPES.get(str(v.get("type")), "text")), nullable=k in NULLABLE)
            for k, v in columns.items()
        ),
        foreign_keys=(ForeignKey((pid,), TableName("people"), ("id",)),),
        primary_key=PrimaryKey((pid,)) if pid == "row_id" else None,
    )
    settings = Settings("corpus", "corpus", dialect="duckdb", privacy=PrivacySettings("people.id", 1e9, 1e9))
    return Project(HERE, settings, (people, source), stats=stats)


def as_stat(row: dict[str, Any], number: int) -> tuple[Stat, list[Any]] | None:
    said = table(row)
    if said is None:
        return None
    return parse_stat(stat_text(row, said), f"stats/q{number}.sql", "duckdb")
