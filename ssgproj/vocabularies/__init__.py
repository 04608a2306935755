"""Vocabularies as files: tables copied verbatim, in `vocabularies/`, read here without any source.

`[schema.]table.csv` up to 100,000 rows, `[schema.]table.parquet` past that. CSV is UTF-8 with `\\n` line ends, a header of
column names, rows in the order of the primary key (else of all columns, NULL last, text by its bytes); NULL is an empty field and the empty
string is `""`; values are spelled as `text.py` says. Nothing but git guards these files: they are public, and people may write them by
hand where there is no source to copy from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssgproj.vocabularies.files import CSV_ROWS, vocabulary_columns, vocabulary_files, vocabulary_path

if TYPE_CHECKING:
    from ssgproj.vocabularies.read import read_vocabulary, vocabulary_rows

__all__ = [
    "CSV_ROWS",
    "read_vocabulary",
    "vocabulary_columns",
    "vocabulary_files",
    "vocabulary_path",
    "vocabulary_rows",
]


def __getattr__(name: str) -> Any:
    # Reading needs Arrow; lint looks at the models and files of vocabularies without it.
    if name in ("read_vocabulary", "vocabulary_rows"):
        from ssgproj.vocabularies import read

        return getattr(read, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
