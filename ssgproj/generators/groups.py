"""Which group of a table a row belongs to, by the values of columns filled before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch
    from ssgproj.generators.lookup import ReadColumn

_NULL = "\x00"
"""The spelling of NULL, which is a group of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Groups are numbered from 0, in the order in which they first come. `known` are the spellings of each column, `codes` the combinations
    of their places that are groups, sorted, and `numbers` the groups' numbers in that order."""

    columns: tuple[ReadColumn, ...]
    known: tuple[pa.Array, ...]
    codes: NDArray[np.int64]
    numbers: NDArray[np.int64]

    @property
    def size(self) -> int:
        return len(self.codes)

    def of(self, batch: Batch) -> NDArray[np.int64]:
        """The group of each row; -1 where it belongs to none."""
        combined = np.zeros(batch.rows, np.int64)
        unknown = np.zeros(batch.rows, bool)
        for column, known in zip(self.columns, self.known, strict=True):
            place = _places(column.values(batch), known)
            unknown |= place < 0
            combined = combined * len(known) + np.maximum(place, 0)
        if not self.size:
            return np.full(batch.rows, -1)
        found = np.minimum(np.searchsorted(self.codes, combined), self.size - 1)
        return np.where(unknown | (self.codes[found] != combined), -1, self.numbers[found])


def groups_of(columns: Sequence[ReadColumn], values: Sequence[Sequence[Any]]) -> tuple[Groups, NDArray[np.int64]]:
    """The groups of a table's rows, and each row's group. `values` are the table's columns, beside the columns that they are compared with."""
    rows = len(values[0])
    combined = np.zeros(rows, np.int64)
    known = []
    for column in values:
        texts = [spelling(v) for v in column]
        distinct = list(dict.fromkeys(texts))
        place = {t: i for i, t in enumerate(distinct)}
        combined = combined * len(distinct) + np.array([place[t] for t in texts], np.int64)
        known.append(pa.array(distinct, pa.string()))
    codes, first, inverse = np.unique(combined, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first, kind="stable"), kind="stable")
    return Groups(tuple(columns), tuple(known), codes, order.astype(np.int64)), order[inverse].astype(np.int64)


def spelling(value: Any) -> str:
    """One spelling for values that are equal: statistics come as text, numbers and dates of YAML."""
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return str(value).removesuffix(" 00:00:00")
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text and text.replace(".", "").replace("-", "").isdigit() else text


def _places(column: pa.Array, known: pa.Array) -> NDArray[np.int64]:
    """The place of each value among the known spellings; -1 where it is not among them."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    encoded = column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()
    found = pc.index_in(_spellings(encoded.dictionary), value_set=known).fill_null(-1)
    missing = pc.index_in(pa.array([_NULL]), value_set=known).fill_null(-1)[0].as_py()
    if not len(found):
        return np.full(len(column), missing, np.int64)
    places: NDArray[np.int64] = (
        found.take(encoded.indices).fill_null(missing).to_numpy(zero_copy_only=False).astype(np.int64)
    )
    return places


def _spellings(values: pa.Array) -> pa.Array:
    """`spelling` of a whole column of distinct values."""
    t = values.type
    if pa.types.is_timestamp(t):
        texts = pc.cast(pc.cast(values, pa.timestamp("us", tz=t.tz)), pa.timestamp("us")).cast(pa.string())
        return pc.replace_substring_regex(pc.replace_substring_regex(texts, r"\.0+$", ""), " 00:00:00$", "")
    if pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_floating(t) or pa.types.is_decimal(t):
        texts = pc.cast(values, pa.string())
        whole = pc.replace_substring_regex(texts, r"^(-?\d+)\.0*$", r"\1")
        return pc.replace_substring_regex(whole, r"^(-?\d+\.\d*[1-9])0+$", r"\1")
    if pa.types.is_nested(t) or pa.types.is_binary(t):
        return pa.array([spelling(v) for v in values.to_pylist()], pa.string())
    return pc.cast(values, pa.string())
