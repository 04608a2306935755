"""Arrow columns with NULLs put in."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssgproj.generators.arrow import cast_to, with_nulls
from ssgproj.generators.values import from_python
from ssgproj.project.types import parse_type

ARRAYS = [
    pa.array([1, 2, 3, None, 5], pa.int32()), pa.array(["a", "", None, "d", "é"]), pa.array([True, None, False, True, False]),
    pa.array([Decimal("1.5")] * 5), pa.array([date(2020, 1, 1)] * 5), pa.array([b"x", b"", b"yz", None, b"w"]),
    pa.array([[1], [], None, [2, 3], [4]]), pa.array([{"a": 1}] * 5), pa.array(["a", "b", "a", None, "b"]).dictionary_encode(),
    pa.array([0, 1, 2, 3, None, 5, 6], pa.int64()).slice(1, 5), pa.nulls(5), pa.array([1.5] * 5, pa.float32()),
]  # fmt: skip


@pytest.mark.parametrize("values", ARRAYS, ids=lambda a: str(a.type))
@given(st.lists(st.booleans(), min_size=5, max_size=5))
def test_nulls_are_put_in(values: pa.Array, missing: list[bool]) -> None:
    """Into columns of all kinds, beside those that are there; also after a trip to another process."""
    found = with_nulls(values, np.array(missing))
    found.validate(full=True)
    expected: list[Any] = [None if m else v for v, m in zip(values.to_pylist(), missing, strict=True)]
    assert found.type == values.type and found.to_pylist() == expected
    assert found.null_count == expected.count(None)
    assert pickle.loads(pickle.dumps(found)).to_pylist() == expected


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.none() | st.decimals(-(10**6), 10**6, places=4), max_size=20),
    st.sampled_from(["numeric(10, 2)", "numeric(4, 1)", "numeric(12, 6)", "numeric(3)", "smallint", "bigint", "integer", "money"]),
)  # fmt: skip
def test_decimals_as_one_by_one(values: list[Decimal | None], type_: str) -> None:
    """Whole columns of decimals are rounded and clamped as single ones are."""
    t = parse_type(type_)
    assert cast_to(pa.array(values, pa.decimal128(20, 4)), t).equals(from_python(values, t))
