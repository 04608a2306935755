"""Finding parents by key, whatever the key."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssgproj.engine import parent_rows
from ssgproj.engine.parent_rows import ParentRows

KEYS = {
    "integers": (st.integers(-(2**62), 2**62), pa.int64()),
    "few": (st.integers(0, 60), pa.int32()),
    "texts": (st.text(max_size=3), pa.string()),
    "dates": (st.dates(date(1900, 1, 1), date(2100, 1, 1)), pa.date32()),
    "decimals": (st.decimals(-1000, 1000, places=2), pa.decimal128(8, 2)),
}


@pytest.mark.parametrize("kind", sorted(KEYS))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_key_is_found_and_no_other(kind: str, data: st.DataObject) -> None:
    """As a dictionary would."""
    values, t = KEYS[kind]
    keys = data.draw(st.lists(st.none() | values, max_size=30, unique=True))
    wanted = data.draw(
        st.lists(st.none() | values | st.sampled_from([k for k in keys if k is not None] or [None]), max_size=30)
    )
    rows = ParentRows.of(pa.table({"k": pa.array(keys, t), "v": pa.array(range(len(keys)))}), ("k",))
    places = {k: i for i, k in enumerate(keys) if k is not None}
    (found,) = rows.values(["v"], [pa.array(wanted, t)])
    assert found.to_pylist() == [places.get(w) for w in wanted]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 5), st.text("ab", max_size=2)), max_size=30, unique=True))
def test_composite_keys(keys: list[tuple[int, str]]) -> None:
    """All parts together."""
    table = pa.table(
        {"a": pa.array([a for a, _ in keys], pa.int64()), "b": pa.array([b for _, b in keys], pa.string())}
    )
    rows = ParentRows.of(table, ("a", "b"))
    wanted = [*keys, (9, "a"), (1, "zz")]
    found = rows.values(
        ["a", "b"], [pa.array([a for a, _ in wanted], pa.int64()), pa.array([b for _, b in wanted], pa.string())]
    )
    assert list(zip(*(f.to_pylist() for f in found), strict=True)) == [*keys, (None, None), (None, None)]


def test_hashes_that_agree_do_not_mislead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys themselves are compared."""
    monkeypatch.setattr(parent_rows, "_numbers", lambda arrays: np.zeros(len(arrays[0]), np.uint64))
    rows = ParentRows.of(pa.table({"k": ["a", "b", "c"], "v": [1, 2, 3]}), ("k",))
    assert rows.values(["v"], [pa.array(["c", "x", "a", None])])[0].to_pylist() == [3, None, 1, None]
