from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ssgproj.report.fidelity.suppress import frequent, segments

cells = st.lists(st.integers(0, 40), min_size=1, max_size=40)


@given(cells)
def test_no_group_has_fewer_people_than_allowed(people: list[int]) -> None:
    found = segments(people, people, 10)
    if sum(people) < 10:
        assert found == ()
        return
    covered = [i for s in found for i in range(s.first, s.last + 1)]
    assert covered == list(range(len(people)))
    for segment in found:
        held = sum(people[segment.first : segment.last + 1])
        assert held == 0 or held >= 10
        assert abs(segment.share - held / sum(people)) < 1e-9


def test_rows_of_one_person_are_one_person() -> None:
    """A hundred rows in one bin, all of the same person: the bin joins its neighbour."""
    found = segments([100, 200], [1, 50], 10)
    assert [(s.first, s.last) for s in found] == [(0, 1)]


def test_empty_bins_stay_apart_where_nothing_has_to_be_hidden() -> None:
    assert [(s.first, s.last) for s in segments([0, 20, 0, 20], [0, 20, 0, 20], 10)] == [(0, 0), (1, 1), (2, 2), (3, 3)]


@given(cells)
def test_what_is_hidden_cannot_be_found_by_subtraction(people: list[int]) -> None:
    shown = frequent(people, 10)
    hidden = sum(p for p, s in zip(people, shown, strict=True) if not s)
    assert all(p >= 10 for p, s in zip(people, shown, strict=True) if s)
    assert hidden == 0 or hidden >= 10 or not any(shown)


def test_bins_of_the_same_people_are_not_counted_twice() -> None:
    """Three bins of six people each may be the same six."""
    assert segments([6, 6, 6], [6, 6, 6], 10) != ()
    assert segments([6, 6, 6], [6, 6, 6], 10, overlapping=True) == ()
    found = segments([6, 6, 30, 6], [6, 6, 12, 6], 10, overlapping=True)
    assert [(s.first, s.last) for s in found] == [(0, 3)]


def test_a_rest_of_the_same_people_takes_a_category_with_it() -> None:
    assert frequent([50, 40, 6, 6], 10) == [True, True, False, False]
    assert frequent([50, 40, 6, 6], 10, overlapping=True) == [True, False, False, False]
    assert frequent([50, 40], 10, others=3, overlapping=True) == [True, False]
