"""Writing vocabularies: Arrow to the bytes of a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.vocabularies.text import to_text

if TYPE_CHECKING:
    from ssgproj.project.model import Column


def csv_header(names: Sequence[str]) -> bytes:
    return _line([pa.array([n], pa.string()) for n in names])


def csv_rows(batch: pa.RecordBatch, columns: Sequence[Column]) -> bytes:
    """The lines of a batch. NULL is nothing, the empty string is `""`; only values that need quotes have them."""
    if batch.num_rows == 0:
        return b""
    return _line([to_text(batch.column(i), c.type) for i, c in enumerate(columns)])


def _line(texts: Sequence[pa.Array]) -> bytes:
    quoted = [pc.fill_null(_quoted(t), "") for t in texts]
    rows = pc.binary_join_element_wise(*quoted, ",") if len(quoted) > 1 else quoted[0]
    return ("\n".join(rows.to_pylist()) + "\n").encode()


def _quoted(texts: pa.Array) -> pa.Array:
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    needed = pc.or_(pc.match_substring_regex(texts, '[",\r\n\ufeff]'), pc.equal(texts, ""))
    if not pc.any(needed).as_py():
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    return pc.if_else(needed, pc.binary_join_element_wise('"', doubled, '"', ""), texts)
