"""`series`: time series over the rows of each parent."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssgproj.generators.base import Restriction
from ssgproj.generators.series_draw import running_sum

COUNTS = [1, 0, 5, 200, 3, 91]
ROWS = sum(COUNTS)
FIRSTS = np.repeat(np.cumsum(COUNTS) - COUNTS, COUNTS)
AROUND: dict[str, Any] = {"per_parent": ("user_id",), "counts": COUNTS, "rows": ROWS}
NOON = datetime(2024, 5, 1, 12)


def per_parent(values: list[Any]) -> list[list[Any]]:
    ends = np.cumsum(COUNTS)
    return [values[e - c : e] for c, e in zip(COUNTS, ends, strict=True) if c]


@pytest.mark.parametrize(
    "gap", ["{exponential: 2 hours}", "[1 hour, 3 hours]", "{histogram: [0, 3600, 7200], weights: [1, 9]}"]
)
def test_events_rise_from_the_start(make: Any, gap: str) -> None:
    """Each after the one before, from where the parent begins."""
    start = [NOON + timedelta(days=int(f)) for f in FIRSTS]
    made = make(f"{{series: events, start: began, gap: {gap}}}", "timestamp", columns={"began": start}, **AROUND)
    for values, begins in zip(per_parent(made), per_parent(start), strict=True):
        assert values[0] > begins[0] and all(a < b for a, b in itertools.pairwise(values))
    gaps = [b - a for values in per_parent(made) for a, b in itertools.pairwise(values)]
    hours = {"{exp": 2, "[1 h": 2, "{his": 1.4}[gap[:4]]
    assert sum(gaps, timedelta()) / len(gaps) == pytest.approx(timedelta(hours=hours), rel=0.15)


def test_a_regular_beat(make: Any) -> None:
    """The same gap each time, from the start itself."""
    made = make("{series: events, start: 2024-01-01, gap: 1 day, first: true}", "date", **AROUND)
    for values in per_parent(made):
        assert values == [date(2024, 1, 1) + timedelta(days=n) for n in range(len(values))]
    numbers = make("{series: events, gap: 5, start: 100}", "integer", **AROUND)
    assert per_parent(numbers)[1] == [105, 110, 115, 120, 125]


def test_events_do_not_pass_the_end(make: Any) -> None:
    """They crowd before it, in order, whether it is an option, a column or a constraint."""
    stop = datetime(2024, 5, 2)
    text = "{series: events, start: 2024-05-01, gap: {exponential: 10 days}, max: 2024-05-02}"
    for made in (
        make(text, "timestamp", **AROUND),
        make(text.replace("2024-05-02", "ends"), "timestamp", columns={"ends": [stop] * ROWS}, **AROUND),
        make(text.partition(", max")[0] + "}", "timestamp", restriction=Restriction(upper=stop), **AROUND),
    ):
        assert max(made) <= stop
        for values in per_parent(made):
            assert all(a <= b for a, b in itertools.pairwise(values))
            assert len(values) < 9 or len(set(values)) > len(values) * 0.9


def test_walk(make: Any) -> None:
    """Normal steps from the start; reflected at bounds."""
    made = make("{series: walk, start: 10, mean: 0.5, std_dev: 2}", "double precision", **AROUND)
    steps = [b - a for values in per_parent(made) for a, b in itertools.pairwise(values)]
    assert all(values[0] == 10 for values in per_parent(made))
    assert (np.mean(steps), np.std(steps)) == pytest.approx((0.5, 2), abs=0.3)
    inside = make("{series: walk, start: 1, std_dev: 3, min: 0, max: 4}", "integer", **AROUND)
    assert set(inside) == {0, 1, 2, 3, 4}
    above = make("{series: walk, start: 1, std_dev: 3, min: 0}", "numeric(9,2)", **AROUND)
    assert min(above) >= 0 and max(above) > 4


def test_values_with_a_memory(make: Any) -> None:
    """Mean, spread, and the correlation of neighbours; apart from other parents."""
    counts = [500] * 40
    options = {"per_parent": ("p",), "counts": counts, "rows": 20_000}
    values = np.array(make("{series: ar, mean: 20, std_dev: 4, memory: 0.9}", "double precision", **options)).reshape(
        40, 500
    )
    assert values.mean() == pytest.approx(20, abs=0.7) and values.std() == pytest.approx(4, rel=0.1)
    assert np.corrcoef(values[:, 1:].ravel(), values[:, :-1].ravel())[0, 1] == pytest.approx(0.9, abs=0.02)
    assert abs(np.corrcoef(values[1:, 0], values[:-1, -1])[0, 1]) < 0.4


def test_memory_is_exact(make: Any) -> None:
    """Sums in powers of two are those of a loop."""
    fast = make("{series: ar, mean: 0, std_dev: 1, memory: 0.7}", "double precision", **AROUND)
    for values in per_parent(fast):
        noise = [values[0], *(b - 0.7 * a for a, b in itertools.pairwise(values))]
        slow = []
        for n in noise:
            slow.append(n + 0.7 * (slow[-1] if slow else 0))
        assert np.allclose(slow, values)
    steady = make("{series: ar, mean: 3, std_dev: 0, memory: 0.5, start: 11}", "double precision", **AROUND)
    assert per_parent(steady)[1] == pytest.approx([11, 7, 5, 4, 3.5])


def test_seasons(make: Any) -> None:
    """Up and down every so many rows, rising."""
    made = make(
        "{series: seasonal, mean: 10, amplitude: 3, period: 12, phase: 0, std_dev: 0, trend: 1}",
        "double precision",
        **AROUND,
    )
    longest = np.array(per_parent(made)[2])
    assert longest[:4] == pytest.approx([10, 12.5, 14.598, 16], abs=0.001)
    assert longest[12:] - longest[:-12] == pytest.approx(np.full(len(longest) - 12, 12.0))
    free = make("{series: seasonal, mean: 0, amplitude: 1, std_dev: 0}", "double precision", **AROUND)
    assert len({values[0] for values in per_parent(free)}) == len(per_parent(free))


def test_start_and_mean_may_be_columns(make: Any) -> None:
    """As the parent's first row has them; NULL gives NULL."""
    mean = [float(f) if f else None for f in FIRSTS]
    made = make(
        "{series: ar, mean: level, std_dev: 0}", "double precision", nullable=True, columns={"level": mean}, **AROUND
    )
    assert made == mean


def test_first_parents_do_not_change_with_more(make: Any) -> None:
    """As for every generator, parent by parent."""
    for text in (
        "{series: ar, mean: 0}",
        "{series: walk, start: 0}",
        "{series: seasonal, mean: 0}",
        "{series: events, gap: {exponential: 3}}",
    ):
        many = make(text, "double precision", per_parent=("p",), counts=[3, 4, 50], rows=57)
        assert make(text, "double precision", per_parent=("p",), counts=[3, 4], rows=7) == many[:7]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 6), max_size=8), st.data())
def test_running_sums(counts: list[int], data: st.DataObject) -> None:
    """Within each parent alone."""
    values = data.draw(st.lists(st.integers(-50, 50), min_size=sum(counts), max_size=sum(counts)))
    first = np.repeat(np.cumsum([0, *counts[:-1]]) if counts else np.zeros(0, int), counts).astype(np.int64)
    wanted: list[int] = []
    for start, count in zip(np.cumsum([0, *counts])[:-1], counts, strict=True):
        wanted += np.cumsum(values[start : start + count]).tolist()
    assert running_sum(np.array(values, np.int64), first).tolist() == wanted


@pytest.mark.parametrize(
    ("text", "type_", "message"),
    [
        ("series", "integer", "needs `form`"),
        ("{series: drunk}", "integer", "wrong type"),
        ("{series: events, start: 2024-01-01}", "date", "`events` needs `gap`"),
        ("{series: events, gap: 1 day}", "date", "`events` needs `start`"),
        ("{series: events, gap: later, start: 2024-01-01}", "date", "neither a number nor a duration"),
        ("{series: walk, start: 2024-01-01}", "date", "cannot fill"),
        ("{series: walk, memory: 0.5}", "integer", "no use for `memory`"),
        ("{series: ar, memory: 1}", "integer", "not between -1 and 1"),
        ("{series: seasonal, period: 0}", "integer", "not above 0"),
        ("{series: ar, std_dev: -1}", "integer", "`std_dev` is negative"),
    ],
)
def test_mistakes_are_named(make: Any, text: str, type_: str, message: str) -> None:
    """Each before a row is made."""
    problems = make.problems(text, type_, per_parent=("p",))
    assert any(message in p.message for p in problems), problems


def test_only_where_rows_are_counted(make: Any) -> None:
    """There is no series without rows that belong together."""
    (problem,) = make.problems("{series: walk}", "integer")
    assert "counted by parent" in problem.message and "per_parent" in problem.hint
