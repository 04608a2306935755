"""Axes of histograms: round edges that a person reads, on a straight, a logarithmic or a calendar scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ssgproj.report.fidelity.shape import Shape
from ssgproj.report.html import number

MOST_BINS = 40
_SKEWED = 20.0
"""A scale is logarithmic where the 95th percentile is so many times the 25th."""
SECOND = 1_000_000
_DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -62_135_596_800 * SECOND, 253_402_300_799 * SECOND


@dataclass(frozen=True, slots=True)
class Axis:
    """The edges of bins, each `[edges[i], edges[i + 1])`. What lies outside is counted below and above.

    `ticks` are places with their labels. `scale` is `linear`, `log` or the calendar's unit. `whole`: every bin is one whole number.
    """

    edges: tuple[float, ...]
    ticks: tuple[tuple[float, str], ...]
    scale: str = "linear"
    whole: bool = False
    unit: str = ""
    shape: Shape = Shape.NUMBER

    @property
    def bins(self) -> int:
        return len(self.edges) - 1

    def place(self, value: float) -> float:
        """Where a value stands between 0 and 1; outside of that if it is outside of the axis."""
        low, high = self._scaled(self.edges[0]), self._scaled(self.edges[-1])
        return (self._scaled(value) - low) / (high - low)

    def _scaled(self, value: float) -> float:
        if self.scale != "log":
            return value
        least = self.edges[0] or self.edges[1]
        # The bin below the first power is as wide as one of the others: it begins at 0, which has no logarithm.
        return math.log10(max(value, least)) - (0.3 * (1 - value / least) if value < least else 0.0)

    def label(self, value: float) -> str:
        """A value in words."""
        if self.shape is Shape.MOMENT:
            return moment_text(value)
        if self.shape is Shape.CLOCK:
            return clock_text(value)
        return plain(value)


@dataclass(frozen=True, slots=True)
class Range:
    """What is known of the values: quantiles 1, 25, 95 and 99 %, and the ends (or the quantiles where the ends must not be known)."""

    low: float
    high: float
    q01: float
    q25: float
    q95: float
    q99: float
    values: int = 0


def bins_for(ranges: Sequence[Range]) -> int:
    """How many bins do so many values justify (Rice's rule)."""
    values = max(r.values for r in ranges)
    return min(MOST_BINS, max(12, math.ceil(2.0 * math.pow(values, 1 / 3))))


def number_axis(ranges: Sequence[Range], whole: bool, points: Sequence[float] = ()) -> Axis:
    """An axis for numbers that holds all ranges, and the points that are to be seen on it."""
    low, high = min(r.low for r in ranges), max(r.high for r in ranges)
    if (
        low >= 0
        and any(r.q95 > _SKEWED * max(r.q25, 1.0 if whole else 1e-12) and r.q95 > 0 for r in ranges)
        and high > 0
    ):
        axis = _log_axis(
            low, high, min((r.q01 for r in ranges if r.q01 > 0), default=min(r.q95 for r in ranges)), whole
        )
        if axis is not None:
            return axis
    low, high = _cut(ranges, points)
    if whole:
        low, high = math.floor(low), math.floor(high)
    step = _nice((high - low) / bins_for(ranges))
    if whole:
        step = max(1.0, step)
    if not high > low or not math.isfinite((high - low) / step):
        step = 1.0 if whole else _nice(abs(low) / 10) if low else 1.0
    edges: tuple[float, ...]
    first = math.floor(low / step)
    last = max(math.floor(high / step), first)
    if last - first > 4 * MOST_BINS or first * step == (first + 1) * step:  # numbers too great for their distance
        first, step, last = 0, max(abs(low) / 4, 1.0), 0
        edges = (low - step, low + step)
    else:
        edges = tuple(i * step for i in range(first, last + 2))
    single = whole and step == 1.0
    ticks = _number_ticks(edges, single)
    return Axis(edges, ticks, whole=single)


def _number_ticks(edges: Sequence[float], single: bool) -> tuple[tuple[float, str], ...]:
    low, high = edges[0], edges[-1] - (1 if single else 0)
    step = _nice((high - low) / 5) if high > low else 1.0
    if single:
        step = max(step, 1.0)
    first = math.ceil(low / step - 1e-9)
    places = [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)][:12]
    return tuple((p + (0.5 if single else 0.0), short(p)) for p in places)


def _log_axis(low: float, high: float, start: float, whole: bool) -> Axis | None:
    """Edges 1, 2, 5, 10 …; the first bin begins at 0."""
    start = max(start, 1.0 if whole else high * 1e-9)
    first, last = math.floor(math.log10(start)), math.ceil(math.log10(max(high, start)) + 1e-9)
    if last - first < 2 or last - first > 30:
        return None
    steps: tuple[float, ...] = (1.0, 2.0, 5.0) if last - first > 4 else (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
    if whole and last - first <= 4:
        steps = (1.0, 2.0, 3.0, 5.0, 7.0)
    edges = [m * 10.0**d for d in range(first, last + 1) for m in steps]
    end = next((i for i, e in enumerate(edges) if e > high), len(edges) - 1)
    begin = next(i for i in range(len(edges)) if edges[i + 1] > start) if len(edges) > 1 else 0
    kept = edges[begin : end + 1]
    if low < kept[0] or kept[0] <= (1.0 if whole else 0.0):
        kept = [0.0, *kept]
    powers = [10.0**d for d in range(first, last + 1) if kept[0] <= 10.0**d <= kept[-1]]
    every = max(1, math.ceil(len(powers) / 7))
    ticks = [(p, short(p)) for p in powers[::every]]
    if kept[0] == 0.0:
        ticks = [(0.0, "0"), *(t for t in ticks if t[0] > kept[1] * 1.5)]
    return Axis(tuple(kept), tuple(ticks), scale="log", unit="log scale")


_CLOCKS = (
    (1, "second"), (5, "5 seconds"), (15, "15 seconds"), (60, "minute"), (300, "5 minutes"), (900, "15 minutes"), (3600, "hour"),
    (10_800, "3 hours"), (21_600, "6 hours"), (43_200, "12 hours"), (86_400, "day"), (7 * 86_400, "week"),
)  # fmt: skip
_MONTHS = ((1, "month"), (3, "quarter"), (6, "half-year"), (12, "year"), (24, "2 years"), (60, "5 years"), (120, "10 years"),
           (300, "25 years"), (600, "50 years"), (1200, "century"), (12_000, "millennium"))  # fmt: skip


def moment_axis(ranges: Sequence[Range], points: Sequence[float] = (), *, dates: bool = True) -> Axis:
    """An axis for points in time, in microseconds since 1970, cut at days, weeks, months or years."""
    low, high = _cut(ranges, points)
    low = min(max(low, _FIRST), _LAST)
    high = max(min(high, _LAST), low)
    span = max(high - low, 1.0)
    bins = bins_for(ranges)
    for seconds, unit in _CLOCKS:
        step = seconds * SECOND
        if span / step <= bins + 2 and not (dates and seconds < 86_400):
            monday = 4 * _DAY if seconds == 7 * 86_400 else 0  # weeks begin on Mondays; day 0 was a Thursday
            # Not the floor of a quotient, which is 0 for the smallest numbers below 0.
            start = int((low - monday) // step) * step + monday
            edges = [start + i * step for i in range(int((high - start) // step) + 2)]
            return Axis(tuple(edges), _moment_ticks(edges, unit), unit, unit=f"by {unit}", shape=Shape.MOMENT)
    for months, unit in _MONTHS:
        if span / (months * 30.4 * _DAY) <= bins + 6 or months == 12_000:
            months_ = tuple(_month_edges(low, high, months))
            return Axis(months_, _moment_ticks(months_, unit), unit, unit=f"by {unit}", shape=Shape.MOMENT)
    raise AssertionError("the calendar has no more than ten millennia")


def clock_axis(ranges: Sequence[Range], points: Sequence[float] = ()) -> Axis:
    """An axis for times of day and lengths of time, in microseconds."""
    low, high = _cut(ranges, points)
    span = max(high - low, 1.0)
    bins = bins_for(ranges)
    step = next(
        (float(s * SECOND) for s, _ in _CLOCKS if span / (s * SECOND) <= bins + 2), _nice(span / bins / _DAY) * _DAY
    )
    if span < bins * SECOND / 2:
        step = max(_nice(span / bins), 1.0)
    first = math.floor(low / step)
    edges = [i * step for i in range(first, math.floor(high / step) + 2)]
    every = max(1, math.ceil(len(edges) / 5))
    ticks = tuple((e, clock_text(e)) for e in edges[::every])
    return Axis(tuple(edges), ticks, "linear", shape=Shape.CLOCK)


def _cut(ranges: Sequence[Range], points: Sequence[float]) -> tuple[float, float]:
    """The part of the ranges that is worth drawing: a few values far outside would squeeze all others into one bin."""
    lows, highs = list(points), list(points)
    for r in ranges:
        low, high = (r.q25, r.q95) if r.q95 > r.q25 else (r.q01, r.q99)
        width = high - low
        lows.append(max(r.low, low - 3 * width) if width > 0 else r.low)
        highs.append(min(r.high, high + 2 * width) if width > 0 else r.high)
    return min(lows), max(highs)


def _month_edges(low: float, high: float, months: int) -> Iterator[float]:
    start = _datetime(low)
    index = (start.year * 12 + start.month - 1) // months * months
    while True:
        year, month = divmod(index, 12)
        if year > 9999:
            yield float(_LAST + SECOND)
            return
        edge = (
            float(_FIRST)
            if year < 1
            else (datetime(year, month + 1, 1, tzinfo=UTC) - _EPOCH) / timedelta(microseconds=1)
        )
        yield edge
        if edge > high:
            return
        index += months


def _moment_ticks(edges: Sequence[float], unit: str) -> tuple[tuple[float, str], ...]:
    every = max(1, math.ceil((len(edges) - 1) / 5))
    first = 0
    if unit in ("month", "quarter", "half-year"):
        # Years are what people look for.
        years = [i for i, e in enumerate(edges) if _datetime(e).month == 1]
        if len(years) >= 3:
            chosen = years[:: max(1, math.ceil(len(years) / 6))]
            return tuple((edges[i], f"{_datetime(edges[i]):%Y}") for i in chosen)
    texts = {"month": "%b %Y", "quarter": "%b %Y", "half-year": "%b %Y", "day": "%-d %b", "week": "%-d %b"}
    form = (
        "%Y"
        if "year" in unit or unit in ("century", "millennium")
        else texts.get(unit, "%H:%M" if "second" not in unit else "%H:%M:%S")
    )
    if form == "%H:%M" and edges[-1] - edges[0] > _DAY:
        form = "%-d %b %H:%M"
    if unit in ("day", "week") and _datetime(edges[0]).year != _datetime(edges[-1]).year:
        form = "%-d %b %Y"
    return tuple((e, _formatted(_datetime(e), form)) for e in edges[first::every])


def _formatted(moment: datetime, form: str) -> str:
    return moment.strftime(form.replace("%-d", str(moment.day)).replace("%Y", str(moment.year)))


def _datetime(micros: float) -> datetime:
    return _EPOCH + timedelta(microseconds=min(max(micros, _FIRST), _LAST))


def moment_text(micros: float) -> str:
    """A point in time, to the minute; a date where it is midnight."""
    moment = _datetime(micros)
    text = f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
    return text if moment.hour == moment.minute == moment.second == 0 else f"{text} {moment:%H:%M}"


def clock_text(micros: float) -> str:
    """A time of day or a length of time."""
    seconds = round(micros / SECOND, 3)
    sign, seconds = ("\u2212" if seconds < 0 else ""), abs(seconds)
    if seconds >= 2 * 86_400:
        return f"{sign}{number(seconds / 86_400)} d"
    if 0 < seconds < 1:
        return f"{sign}{number(seconds)} s"
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{sign}{hours:02}:{minutes:02}" + (f":{left:02}" if left else "")


def short(value: float) -> str:
    """A number for an axis: 20,000 is 20k."""
    size = abs(value)
    for unit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= 1e15:
            break
        if size >= unit and (unit > 1e3 or size >= 1e4):
            return f"{number(value / unit)}{letter}"
    return plain(round(value, 10) if size >= 1e-6 else value)


def plain(value: float) -> str:
    """A number of at most four digits; thousands are set apart from 10,000 on only, since smaller ones may be years."""
    text = number(value, 4)
    return text.replace(",", "") if abs(value) < 10_000 else text


def _nice(step: float) -> float:
    """The next of 1, 2, 5, 10 … times a power of ten."""
    if not step > 0 or not math.isfinite(step):
        return 1.0
    power = 10.0 ** math.floor(math.log10(step))
    if power == 0.0:
        return 1.0
    return float(next((m * power for m in (1, 2, 5) if m * power >= step * (1 - 1e-9)), 10 * power))
