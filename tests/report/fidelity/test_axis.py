from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ssgproj.report.fidelity.axis import (
    MOST_BINS,
    Range,
    clock_axis,
    clock_text,
    moment_axis,
    moment_text,
    number_axis,
    short,
)

numbers = st.floats(-1e15, 1e15, allow_nan=False) | st.integers(-(2**62), 2**62).map(float) | st.floats(-1e-6, 1e-6)

calm = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be busy


def range_of(values: list[float]) -> Range:
    ordered = sorted(values)
    q01, q25, q95, q99 = (ordered[min(int(q * len(ordered)), len(ordered) - 1)] for q in (0.01, 0.25, 0.95, 0.99))
    return Range(ordered[0], ordered[-1], q01, q25, q95, q99, len(values))


def micros(year: int, month: int = 1, day: int = 1) -> float:
    return datetime(year, month, day, tzinfo=UTC).timestamp() * 1e6


@calm
@given(st.lists(numbers, min_size=1, max_size=50), st.booleans())
def test_any_numbers_get_a_few_rising_edges(values: list[float], whole: bool) -> None:
    if whole:
        values = [float(math.floor(v)) for v in values]
    axis = number_axis([range_of(values)], whole)
    assert all(a < b for a, b in pairwise(axis.edges))
    assert 1 <= axis.bins <= 4 * MOST_BINS
    assert len(axis.ticks) <= 12
    for place, label in axis.ticks:
        assert math.isfinite(axis.place(place))
        assert label


@calm
@given(st.lists(st.floats(-6.3e16, 2.5e17), min_size=1, max_size=50), st.booleans())
@example([-5e-324], False)
def test_any_moments_do(values: list[float], dates: bool) -> None:
    axis = moment_axis([range_of(values)], dates=dates)
    assert all(a < b for a, b in pairwise(axis.edges))
    assert 1 <= axis.bins <= 4 * MOST_BINS
    assert all(label for _, label in axis.ticks)


@calm
@given(st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=50))
def test_any_lengths_of_time_do(values: list[float]) -> None:
    axis = clock_axis([range_of(values)])
    assert all(a < b for a, b in pairwise(axis.edges))
    assert axis.bins <= 4 * MOST_BINS


def test_small_whole_numbers_have_a_bin_each() -> None:
    axis = number_axis([range_of([0, 1, 2, 3, 4])], whole=True)
    assert axis.edges == (0, 1, 2, 3, 4, 5)
    assert axis.whole
    assert axis.ticks[0] == (0.5, "0")


def test_a_few_values_far_away_do_not_squeeze_the_others() -> None:
    axis = number_axis([range_of([*range(18, 80)] * 20 + [2014] * 3)], whole=True)
    assert axis.edges[-1] < 300


def test_what_is_to_be_seen_widens_the_axis() -> None:
    assert number_axis([range_of([1.0, 2.0])], False, [10.0]).edges[-1] >= 10


def test_a_long_tail_is_drawn_on_a_log_scale() -> None:
    axis = number_axis([range_of([10 ** (i / 100) for i in range(700)])], whole=False)
    assert axis.scale == "log"
    assert axis.unit == "log scale"
    assert 0.2 < axis.place(1e3) < 0.8
    with_zeros = number_axis([range_of([0.0] * 50 + [10 ** (i / 100) for i in range(700)])], whole=False)
    assert with_zeros.edges[0] == 0.0
    assert 0 == with_zeros.place(0) < with_zeros.place(0.5) < with_zeros.place(2)


def test_dates_are_cut_where_the_calendar_is() -> None:
    axis = moment_axis([range_of([micros(2010, 1, 5), micros(2014, 6, 3)])], dates=True)
    assert axis.scale == "quarter"
    assert [moment_text(e) for e in axis.edges[:2]] == ["2010-01-01", "2010-04-01"]
    days = moment_axis([range_of([micros(2024, 2, 27), micros(2024, 3, 2)])], dates=True)
    assert [moment_text(e) for e in days.edges] == [
        "2024-02-27",
        "2024-02-28",
        "2024-02-29",
        "2024-03-01",
        "2024-03-02",
        "2024-03-03",
    ]
    weeks = moment_axis([range_of([micros(2024, 1, 1), micros(2024, 3, 2)])], dates=True)
    assert datetime.fromtimestamp(weeks.edges[0] / 1e6, UTC).weekday() == 0


def test_words() -> None:
    assert [short(v) for v in (0, 1990, 20_000, 1.5e6, -3e9, 0.25)] == ["0", "1990", "20k", "1.5M", "\u22123B", "0.25"]
    assert clock_text(3_661_000_000) == "01:01:01"
    assert clock_text(3 * 86_400_000_000) == "3 d"
    assert moment_text(micros(2024, 5, 6) + 3.6e9) == "2024-05-06 01:00"
