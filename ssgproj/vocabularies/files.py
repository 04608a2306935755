"""Where vocabularies are, and which columns they hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ssgproj.errors import RunError

if TYPE_CHECKING:
    from ssgproj.project.model import Column, Model, TableName

DIRECTORY = "vocabularies"
CSV_ROWS = 100_000
"""Up to this many rows a vocabulary is CSV, which a reviewer can read and git can diff; past it, Parquet."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|%]|^\.')


def vocabulary_columns(model: Model) -> tuple[Column, ...]:
    """The columns that are copied, in the model's order: all, or those of `vocabulary: columns:`; never generated ones, which
    the destination computes. Columns left out are filled by the model's generators like those of any table."""
    wanted = model.vocabulary.columns if model.vocabulary else ()
    return tuple(c for c in model.columns if c.generated is None and (not wanted or c.name in wanted))


def vocabulary_name(table: TableName) -> str:
    """The file's name without its ending: the table's, with characters that files cannot have as `%XX`."""
    return _UNSAFE.sub(lambda m: f"%{ord(m[0]):02X}", str(table))


def vocabulary_files(root: Path, model: Model) -> tuple[Path, Path]:
    """The two places where a vocabulary may be: as CSV and as Parquet."""
    stem = root / DIRECTORY / vocabulary_name(model.table)
    return stem.with_name(f"{stem.name}.csv"), stem.with_name(f"{stem.name}.parquet")


def vocabulary_path(root: Path, model: Model) -> Path:
    """The file of a vocabulary. Raises RunError if there is none, or if there are two."""
    csv, parquet = vocabulary_files(root, model)
    if csv.exists() and parquet.exists():
        raise RunError(
            f"The vocabulary `{model.table}` is there twice, as `{_shown(root, csv)}` and `{_shown(root, parquet)}`",
            hint=f"delete the one that is out of date: rm {_shown(root, parquet)}",
        )
    if parquet.exists():
        return parquet
    if not csv.exists():
        raise RunError(
            f"The vocabulary `{model.table}` has not been copied: there is no `{_shown(root, csv)}`",
            hint=f"where the source can be reached: ssg vocab --select {model.node_id}",
        )
    return csv


def _shown(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
