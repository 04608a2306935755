"""`after`: later than another column, within everything that bounds it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from statistics import mean
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssgproj.generators.base import Restriction

DAY = date(2024, 1, 1)
STATS = {"delay": {"mean": [30.0], "std_dev": [5.0]}, "weeks": {"week": [0, 1], "n": [1.0, 3.0]}}


def days(make: Any, by: str, rows: int = 4000, **options: Any) -> list[int]:
    values = make(f"{{after: start, by: {by}}}", "date", rows=rows, columns={"start": [DAY] * rows}, **options)
    return [(v - DAY).days for v in values]


@pytest.mark.parametrize(
    ("by", "low", "high", "middle"),
    [
        ("3 days", 3, 3, 3),
        ("2", 2, 2, 2),
        ("36 hours", 1, 2, 1.5),
        ("[0 days, 4 days]", 0, 4, 2),
        ("{uniform: [0, 4]}", 0, 4, 2),
        ("{uniform: {min: 1 day, max: 3 days}}", 1, 3, 2),
        ("{choice: [1 day, 1 week]}", 1, 7, 4),
        ("{exponential: 30 days}", 0, 400, 30),
        ("{exponential: {mean: 30 days, max: 60 days}}", 0, 60, 20.6),
        ("{normal: [30 days, 5 days]}", 5, 60, 30),
        ("{normal: {mean: stat.delay.mean, std_dev: stat.delay.std_dev}}", 5, 60, 30),
        ("{lognormal: {mean: 3, std_dev: 0.5}}", 0, 300, 22.8),
        ("{poisson: 4}", 0, 20, 4),
        ("{histogram: stat.weeks, weights: n, width: 7}", 0, 13, 8.25),
        ("{histogram: stat.weeks, weights: n, width: 1 week}", 0, 13, 8.25),
    ],
)
def test_distributions(make: Any, by: str, low: int, high: int, middle: float) -> None:
    """Each as its own generator makes it, and never before."""
    found = days(make, by, stats=STATS)
    assert low <= min(found) and max(found) <= high
    assert mean(found) == pytest.approx(middle, rel=0.08, abs=0.6)


def test_both_ends_of_a_range_are_as_likely_as_the_middle(make: Any) -> None:
    """Whole days: rounding would halve the ends."""
    found = days(make, "[0 days, 3 days]", rows=8000)
    assert all(0.22 < found.count(d) / 8000 < 0.28 for d in range(4))


def test_types(make: Any) -> None:
    """Moments, times of day, numbers, texts."""
    start = [datetime(2024, 5, 1, 12, 0, 0)] * 500
    moments = make("{after: start, by: [1 hour, 2 hours]}", "timestamp", rows=500, columns={"start": start})
    assert {timedelta(hours=1) <= m - start[0] <= timedelta(hours=2) for m in moments} == {True}
    assert make("{after: start, by: 90}", "timestamp", rows=500, columns={"start": start})[0] == datetime(
        2024, 5, 1, 12, 1, 30
    )
    late = make("{after: opens, by: 4 hours}", "time", rows=2, columns={"opens": [time(8), time(23)]})
    assert late[0] == time(12) and time(23) <= late[1] <= time(23, 59, 59)
    numbers = make("{after: low, by: {uniform: [1, 5]}}", "integer", rows=500, columns={"low": [10] * 500})
    assert set(numbers) == {11, 12, 13, 14, 15}
    prices = make("{after: net, by: {normal: [5, 1]}}", "numeric(8,2)", rows=500, columns={"net": [10.5] * 500})
    assert all(p > 10 for p in prices)
    texts = make("{after: day, by: 1 day}", "varchar(10)", rows=1, columns={"day": ["2024-02-28"]})
    assert texts == ["2024-02-29"]


def test_a_cap_gives_way_but_a_constraint_does_not(make: Any) -> None:
    """`max` below the other column leaves its own value; a CHECK leaves NULL."""
    start = [date(2024, 12, 30), date(2025, 6, 1)] * 300
    capped = make("{after: start, by: {exponential: 1000 days}, max: now}", "date", rows=600, columns={"start": start})
    assert all(s <= c for s, c in zip(start, capped, strict=True))
    assert {c for s, c in zip(start, capped, strict=True) if s.year == 2024} == {
        date(2024, 12, 30),
        date(2024, 12, 31),
        date(2025, 1, 1),
    }
    bound = Restriction(upper=date(2025, 1, 1))
    checked = make(
        "{after: start, by: [0, 30]}", "date", rows=600, columns={"start": start}, restriction=bound, nullable=True
    )
    assert all(
        (c is None) == (s.year == 2025) and (c is None or c <= bound.upper) for s, c in zip(start, checked, strict=True)
    )


def test_null_follows_null(make: Any) -> None:
    """If the column may be NULL."""
    values = make("{after: start, by: 1 day}", "date", rows=2, columns={"start": [DAY, None]}, nullable=True)
    assert values == [DAY + timedelta(1), None]
    assert None not in make("{after: start, by: 1 day}", "date", rows=2, columns={"start": [DAY, None]})


def test_the_cap_may_be_a_column(make: Any) -> None:
    """Row by row; NULL caps nothing."""
    end = [DAY + timedelta(2), None] * 200
    values = make("{after: start, by: [0, 50], max: end}", "date", rows=400, columns={"start": [DAY] * 400, "end": end})
    assert all(v <= e for v, e in zip(values, end, strict=True) if e)
    assert max(values) > DAY + timedelta(20)


def test_first_rows_do_not_change_with_more(make: Any) -> None:
    """As for every generator."""
    text = "{after: start, by: {exponential: 100 days}, max: 2024-02-01}"
    few = make(text, "date", rows=50, columns={"start": [DAY] * 50})
    assert make(text, "date", rows=500, columns={"start": [DAY] * 500})[:50] == few


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    mean_days=st.floats(0, 1e6),
    lower=st.none() | st.dates(),
    upper=st.none() | st.dates(),
)
def test_never_before_never_outside(start: date, mean_days: float, lower: date | None, upper: date | None) -> None:
    """Whatever the numbers, unless there is no room at all."""
    from tests.generators.conftest import Make

    if lower and upper and lower > upper:
        lower, upper = upper, lower
    values = Make()(
        f"{{after: start, by: {{exponential: {mean_days}}}}}", "date", rows=20, columns={"start": [start] * 20},
        restriction=Restriction(lower=lower, upper=upper), nullable=True,
    )  # fmt: skip
    for value in values:
        assert value is None or (value >= start and (not lower or value >= lower) and (not upper or value <= upper))
        assert value is not None or (upper and start > upper)


@pytest.mark.parametrize(
    ("text", "type_", "message"),
    [
        ("{after: a}", "date", "needs `by`"),
        ("{after: a, by: soon}", "date", "neither a number nor a duration"),
        ("{after: a, by: {exponentiall: 3}}", "date", "names no distribution; did you mean `exponential`?"),
        ("{after: a, by: {exponential: 30 dayz}}", "date", "not a duration"),
        ("{after: a, by: [3, 1]}", "date", "lower end"),
        ("{after: a, by: [1]}", "date", "two ends"),
        ("{after: a, by: -1 day}", "date", "less than 0"),
        ("{after: a, by: 1 day}", "integer", "not a number"),
        ("{after: a, by: 1, unit: days}", "integer", "`unit` is for dates"),
        ("{after: a, by: 1, unit: years}", "date", "wrong type"),
        ("{after: a, by: 1}", "uuid", "cannot fill"),
        ("{after: a, by: {normal: {mean: 3, std_dev: -1}}}", "date", "`std_dev` is negative"),
        ("{after: a, by: 1, max: 2 o'clock}", "date", "`max` is no value"),
    ],
)
def test_mistakes_are_named(make: Any, text: str, type_: str, message: str) -> None:
    """Each before a row is made."""
    problems = make.problems(text, type_)
    assert any(message in p.message for p in problems), problems
