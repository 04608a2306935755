"""The set of hashes is a set, in memory and in files."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ssgproj.engine.seen import HashSet

HASHES = st.integers(0, 2**64 - 1) | st.integers(0, 30) | st.sampled_from([2**58 - 1, 2**58, 2**63, 2**64 - 1])


@given(st.lists(st.lists(HASHES, max_size=40), max_size=12), st.lists(HASHES, max_size=40), st.integers(1, 60))
def test_as_a_set(added: list[list[int]], asked: list[int], spilled: int) -> None:
    hashes, expected = HashSet(spilled), set[int]()
    for values in added:
        assert hashes.contains(np.array(values, np.uint64)).tolist() == [v in expected for v in values]
        hashes.add(np.array(values, np.uint64))
        expected.update(values)
    assert hashes.contains(np.array(asked, np.uint64)).tolist() == [v in expected for v in asked]


def test_few_runs_and_large_ones_in_files() -> None:
    hashes = HashSet(50_000)
    random = np.random.default_rng(1)
    for _ in range(40):
        hashes.add(random.integers(0, 2**64, 6_000, np.uint64))
    assert sum(len(r) for r in hashes._runs) == 240_000
    assert len(hashes._runs) <= 8
    assert sum(len(r) for r in hashes._runs if not isinstance(r, np.memmap)) < 100_000
