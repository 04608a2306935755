"""The permutation and the mixed radix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssgproj.generators.domain import MAX_SIZE, permute, split


@given(size=st.integers(1, 20_000), key=st.integers(0, 2**64 - 1))
@settings(max_examples=60, deadline=None)
def test_permute_is_a_bijection_on_small_domains(size: int, key: int) -> None:
    """Every index comes out once."""
    assert (np.sort(permute(np.arange(size), size, key)) == np.arange(size)).all()


@given(size=st.integers(10_000, MAX_SIZE), key=st.integers(0, 2**64 - 1), data=st.data())
@settings(max_examples=80, deadline=None)
def test_permute_stays_inside_and_distinct_on_large_domains(size: int, key: int, data: st.DataObject) -> None:
    """Different indices give different indices of the same domain, wherever they lie."""
    index = np.array(sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=200))), dtype=np.int64)
    result = permute(index, size, key)
    assert len(np.unique(result)) == len(index)
    assert result.min() >= 0 and result.max() < size


def test_permute_does_not_change_between_versions() -> None:
    """The values are part of what a seed means."""
    assert permute(np.arange(5), 10, 1).tolist() == [7, 0, 6, 8, 3]
    assert permute(np.arange(3), 10**9, 1).tolist() == [79218237, 602362112, 99601751]


def test_permute_looks_random() -> None:
    """Neighbours do not stay neighbours, and keys differ."""
    index = np.arange(50_000)
    first, second = permute(index, 10**6, 1), permute(index, 10**6, 2)
    assert abs(np.corrcoef(index, first)[0, 1]) < 0.03
    assert (first == second).mean() < 0.01


@pytest.mark.parametrize("size", [0, -1, MAX_SIZE + 1])
def test_permute_refuses_impossible_sizes(size: int) -> None:
    """Nothing can be permuted in a domain without values, nor beyond 2**62."""
    with pytest.raises(ValueError, match="cannot permute"):
        permute(np.zeros(1, np.int64), size, 0)


def test_permute_refuses_indices_outside() -> None:
    """An index past the end would not be a bijection."""
    with pytest.raises(ValueError, match="outside"):
        permute(np.array([5]), 5, 0)


@given(sizes=st.lists(st.integers(1, 2**40), min_size=1, max_size=6), data=st.data())
@settings(max_examples=100, deadline=None)
def test_split_tells_indices_apart(sizes: list[int], data: st.DataObject) -> None:
    """Different indices give different combinations, each within its sizes."""
    total = 1
    for size in sizes:
        total = min(total * size, MAX_SIZE)
    index = np.array(sorted(data.draw(st.sets(st.integers(0, total - 1), min_size=1, max_size=50))), dtype=np.int64)
    digits = split(index, sizes)
    assert len({tuple(row) for row in np.stack(digits, axis=1).tolist()}) == len(index)
    assert all(d.min() >= 0 and d.max() < size for d, size in zip(digits, sizes, strict=True))
