"""The geometry of the page's charts; the template draws them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

MANY_TIMES = 100
"""Bars that differ by more than this are drawn on a logarithmic scale."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`share` is the bar's length, from 0 to 1. `ours` bars stand out."""

    label: str
    text: str
    share: float
    ours: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """One chart of bars."""

    title: str
    bars: tuple[Bar, ...]
    logarithmic: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One series; points are (x, y, text), in the units of the drawing."""

    label: str
    points: tuple[tuple[float, float, str], ...]

    @property
    def path(self) -> str:
        return " ".join(f"{'L' if i else 'M'}{x:.1f},{y:.1f}" for i, (x, y, _) in enumerate(self.points))


@dataclass(frozen=True, slots=True)
class Lines:
    """One chart of lines over rows. Ticks are (place, text)."""

    title: str
    lines: tuple[Line, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    width: float
    height: float


def bars(
    title: str,
    measures: Sequence[dict[str, Any]],
    value: Callable[[dict[str, Any]], float],
    text: Callable[[float], str],
    ours: Callable[[str], bool] = lambda subject: subject.startswith("ssg"),
) -> Bars:
    """One bar a measure, in their order. `ours` tells by the subject which ones stand out."""
    values = [value(m) for m in measures]
    greatest, least = max(values), max(min(values), 1e-9)
    logarithmic = greatest / least > MANY_TIMES
    low = math.log10(least) - 0.3
    made = []
    for measure, number in zip(measures, values, strict=True):
        if logarithmic:
            share = (math.log10(max(number, 1e-9)) - low) / (math.log10(greatest) - low)
        else:
            share = number / greatest
        made.append(Bar(measure["subject"], text(number), round(share, 4), ours(measure["subject"])))
    return Bars(title, tuple(made), logarithmic)


def lines(title: str, series: dict[str, list[tuple[float, float]]], text: Callable[[float], str]) -> Lines:
    """Series of (rows, value). Rows are on a logarithmic scale, values from 0."""
    width, height = 560.0, 220.0
    xs = sorted({x for points in series.values() for x, _ in points})
    greatest = max(y for points in series.values() for _, y in points)
    step = _round_step(greatest / 4)
    top = step * math.ceil(greatest / step)
    low, high = math.log10(xs[0]), math.log10(xs[-1])

    def place(x: float) -> float:
        return width / 2 if high == low else (math.log10(x) - low) / (high - low) * width

    made = tuple(
        Line(label, tuple((place(x), height - y / top * height, text(y)) for x, y in points))
        for label, points in series.items()
    )
    y_ticks = tuple((height - n * step / top * height, text(n * step)) for n in range(round(top / step) + 1))
    return Lines(title, made, tuple((place(x), count(x)) for x in xs), y_ticks, width, height)


def _round_step(value: float) -> float:
    power = 10 ** math.floor(math.log10(value)) if value > 0 else 1
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= value)


def count(value: float) -> str:
    """A number as people say it: 950, 12,300, 1.25 M."""
    if value >= 1e9:
        return f"{value / 1e9:.3g} G"
    if value >= 1e6:
        return f"{value / 1e6:.3g} M"
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def seconds(value: float) -> str:
    """A duration: 85 ms, 1.25 s, 14 min."""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.3g} s" if value < 600 else f"{value / 60:.3g} min"


def ratio(value: float) -> str:
    """`0.83`, `12`, `3,900`."""
    return f"{value:.2f}" if value < 10 else f"{float(f'{value:.3g}'):,.0f}"
