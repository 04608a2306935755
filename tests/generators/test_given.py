"""`given`: distributions that depend on other columns, from statistics split by them or written down."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from statistics import mean
from typing import Any

import pytest

STATS = {
    "devices": {"country": ["UK", "UK", "FR", "DE"], "device": ["a", "b", "b", "c"], "n": [30.0, 10.0, 60.0, -5.0]},
    "ages": {"gender": ["f", "m", "x"], "mean": [30.0, 50.0, 40.0], "std_dev": [2.0, 3.0, -1.0], "n": [1, 3, 9]},
    "bands": {"gender": ["f", "f", "m"], "band": [2, 3, 6], "n": [1, 1, 5]},
    "all": {"most": [45.0]},
    "two": {"g": ["f", "f", "m"], "adult": [True, False, True], "v": [1, 2, 3]},
    "years": {"year": [2020, 2021], "v": ["old", "new"]},
}


def test_choice_by_group(make: Any) -> None:
    """The statistic split by the column; rows that agree with none as all of them by weight."""
    country = ["UK", "FR", "XX", None, "DE"] * 2000
    values = make(
        "{given: country, choice: stat.devices, weights: n}", rows=10_000, stats=STATS, columns={"country": country}
    )
    found = {
        c: Counter(v for v, k in zip(values, country, strict=True) if k == c) for c in ("UK", "FR", "XX", None, "DE")
    }
    assert set(found["UK"]) == {"a", "b"} and 0.72 < found["UK"]["a"] / 2000 < 0.78
    assert set(found["FR"]) == {"b"}
    for other in ("XX", None, "DE"):  # DE's only count is below 0
        assert set(found[other]) == {"a", "b"} and 0.26 < found[other]["a"] / 2000 < 0.34


def test_the_order_of_the_keys_does_not_matter(make: Any) -> None:
    """`given` before or after."""
    options = {"stats": STATS, "columns": {"country": ["UK", "FR"] * 50}, "rows": 100}
    one = make("{given: country, choice: stat.devices, weights: n}", **options)
    assert make("{choice: stat.devices, weights: n, given: country}", **options) == one


def test_numbers_by_group(make: Any) -> None:
    """Mean and spread of each; groups that noise has spoiled are as unknown ones."""
    gender = ["f", "m", "x", "?"] * 2000
    values = make(
        "{given: gender, normal: {mean: stat.ages.mean, std_dev: stat.ages.std_dev, max: stat.all.most}}", "double precision",
        rows=8000, stats=STATS, columns={"gender": gender},
    )  # fmt: skip
    by = {g: [v for v, k in zip(values, gender, strict=True) if k == g] for g in "fmx?"}
    assert mean(by["f"]) == pytest.approx(30, abs=0.3) and max(values) <= 45
    assert mean(by["m"]) > 41
    assert 33 < mean(by["x"]) < 42 and 33 < mean(by["?"]) < 42


def test_histogram_by_group(make: Any) -> None:
    """A table of bins for each; unknown rows by the groups' counts."""
    gender = ["f", "m", "?"] * 1000
    values = make(
        "{given: gender, histogram: stat.bands, weights: n, width: 10}",
        "integer",
        rows=3000,
        stats=STATS,
        columns={"gender": gender},
    )
    by = {g: [v for v, k in zip(values, gender, strict=True) if k == g] for g in "fm?"}
    assert min(by["f"]) >= 20 and max(by["f"]) < 40 and min(by["m"]) >= 60 and max(by["m"]) < 70
    assert 0.65 < sum(v >= 60 for v in by["?"]) / 1000 < 0.78


@pytest.mark.parametrize(
    "text",
    [
        "{given: plan, cases: {free: {constant: 1}, pro: {integer: {min: 5, max: 6}}}, otherwise: 0}",
        "{given: plan, integer: {free: {min: 1, max: 1}, pro: {min: 5, max: 6}}, otherwise: {constant: 0}}",
        "{given: plan, choice: {free: [1], pro: {5: 1, 6: 1}}, otherwise: 0}",
    ],
)
def test_inline_tables(make: Any, text: str) -> None:
    """A generator for each value, or one with options for each."""
    plan = ["free", "pro", None] * 100
    values = make(text, "integer", rows=300, columns={"plan": plan})
    assert {(p, v) for p, v in zip(plan, values, strict=True)} == {("free", 1), ("pro", 5), ("pro", 6), (None, 0)}


def test_several_columns(make: Any) -> None:
    """Combinations; keys of other names; values of other types than the statistic's."""
    columns = {"gender": ["f", "f", "m", "m"] * 50, "grown": [True, False, True, False] * 50}
    values = make(
        "{given: [gender, grown], keys: [g, adult], choice: stat.two.v}",
        "integer",
        rows=200,
        stats=STATS,
        columns=columns,
    )
    assert values[:3] == [1, 2, 3] and set(values[3::4]) == {1, 2, 3}
    years = make(
        "{given: year, choice: stat.years.v}",
        rows=2,
        stats=STATS,
        columns={"year": [Decimal("2020.00"), Decimal("2021.00")]},
    )
    assert years == ["old", "new"]
    days = make(
        "{given: day, cases: {2024-01-31: a}, otherwise: b}",
        rows=2,
        columns={"day": [date(2024, 1, 31), date(2024, 1, 30)]},
    )
    assert days == ["a", "b"]


def test_within_one_another(make: Any) -> None:
    """A case may be conditional itself, and read further columns."""
    columns = {"a": [1, 1, 2, 2], "b": ["x", "y", "x", "y"], "c": [7, 8, 9, 10]}
    text = "{given: a, cases: {1: {given: b, cases: {x: 10, y: 20}}, 2: {constant: column.c}}}"
    assert make(text, "integer", rows=4, columns=columns) == [10, 20, 9, 10]


def test_first_rows_do_not_change_with_more(make: Any) -> None:
    """In any path."""
    for text in (
        "{given: country, choice: stat.devices, weights: n}",
        "{given: country, cases: {UK: {choice: [a, b]}, FR: {choice: [c, d]}}}",
    ):
        many = make(text, rows=400, stats=STATS, columns={"country": ["UK", "FR", "XX", None] * 100})
        few = make(text, rows=40, stats=STATS, columns={"country": ["UK", "FR", "XX", None] * 10})
        assert many[:40] == few


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{given: a}", "needs a generator beside it"),
        ("{given: country, choice: stat.devices, weights: m}", "no column `m`"),
        ("{given: city, choice: stat.devices, weights: n}", "no column `city` to tell the groups apart"),
        ("{given: country, choice: [a, b]}", "is the same whatever `country` is"),
        ("{given: country, choice: stat.devices, weigths: n}", "no option `weigths`"),
        ("{given: [a, b], cases: {x: 1}}", "for one column"),
        ("{given: a, cases: {x: {choice: []}}}", "Case `x`: There is nothing to choose"),
        ("{given: a, cases: {x: 1}, choice: [a]}", "so `choice` has no effect"),
        ("{given: a, cases: {x: 1}, otherwise: {choice: []}}", "`otherwise`: There is nothing"),
    ],
)
def test_mistakes_are_named(make: Any, text: str, message: str) -> None:
    """Each before a row is made."""
    problems = make.problems(text, stats=STATS)
    assert any(message in p.message for p in problems), problems


def test_statistic_without_result_is_no_problem_yet(make: Any) -> None:
    """It has only not been run."""
    assert not make.problems("{given: country, choice: stat.later, weights: n}")
