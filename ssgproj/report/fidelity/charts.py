"""The pictures of a report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from ssgproj.report.html import number
from ssgproj.report.svg import element, line, picture, rectangle, text

if TYPE_CHECKING:
    from ssgproj.report.fidelity.axis import Axis
    from ssgproj.report.fidelity.found import Categories, Category, Column, Histogram
    from ssgproj.report.fidelity.told import Figure

WIDTH, HEIGHT = 360.0, 176.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 8.0, 18.0, 20.0
_TAIL = 10.0
"""The width of a bar for what lies beyond an end of the axis, and of the gap before it."""


def percent(share: float | None) -> str:
    """A share for people; more digits for small ones."""
    if share is None:
        return ""
    value = share * 100
    if 0 < value < 0.01:
        return "<\u20090.01\u2009%"
    return (
        f"{value:.2f}".rstrip("0").rstrip(".") + "\u2009%"
        if value < 1
        else f"{value:.1f}\u2009%".replace(".0\u2009", "\u2009")
    )


def shortened(label: str, most: int) -> str:
    """A text for a narrow place. What cannot be seen is made visible."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in label)
    if not shown.strip():
        return f"“{shown}”" if shown else "(empty)"
    return shown if len(shown) <= most else shown[: most - 1] + "…"


class _Place:
    """Where cells of a histogram stand: a tail below, the bins, a tail above."""

    def __init__(self, axis: Axis, below: bool, above: bool) -> None:
        self.axis = axis
        self.left = _LEFT + (2 * _TAIL if below else 0)
        self.right = WIDTH - _RIGHT - (2 * _TAIL if above else 0)
        self.base = HEIGHT - _BOTTOM

    def x(self, value: float) -> float:
        return self.left + self.axis.place(value) * (self.right - self.left)

    def cell(self, number: int) -> tuple[float, float]:
        """The ends of a cell."""
        if number == 0:
            return _LEFT, _LEFT + _TAIL
        if number > self.axis.bins:
            return self.right + _TAIL, self.right + 2 * _TAIL
        return self.x(self.axis.edges[number - 1]), self.x(self.axis.edges[number])

    def said(self, number: int) -> str:
        axis = self.axis
        if number == 0:
            return f"below {axis.label(axis.edges[0])}"
        if number > axis.bins:
            return f"{axis.label(axis.edges[-1])} and above"
        if axis.whole:
            return axis.label(axis.edges[number - 1])
        return f"{axis.label(axis.edges[number - 1])} to {axis.label(axis.edges[number])}"


def histogram(
    found: Histogram, name: str, figures: Sequence[Figure] = (), mean: float | None = None, said: str = "values"
) -> Markup:
    """Bars for the synthetic values, an outline for what was told, another for the source."""
    cells = len(found.synthetic)
    outer = {
        end: any(
            (found.synthetic[end] > 0, found.told is not None and found.told[end] > 1e-6,
             any(s.share > 0 and s.first <= end <= s.last for s in found.source or ()))
        )
        for end in (0, cells - 1)
    }  # fmt: skip
    place = _Place(found.axis, outer[0], outer[cells - 1])
    real = _by_cell(found)
    highest = max([*found.synthetic, *(found.told or ()), *(s for s in real if s is not None)], default=0.0)
    top, ticks = _scale(highest)
    body = _frame(place, top, ticks)

    def y(share: float) -> float:
        return place.base - share / top * (place.base - _TOP)

    for i, share in enumerate(found.synthetic):
        left, right = place.cell(i)
        if share > 0:
            told = f", {found.told_origin} {percent(found.told[i])}" if found.told else ""
            gap = 0.75 if right - left > 3 else 0.0
            title = f"{place.said(i)}: synthetic {percent(share)}{told}"
            body.append(
                rectangle(left + gap / 2, y(share), right - left - gap, place.base - y(share), "synthetic", title)
            )
    if found.told:
        body.append(
            _steps(
                [(*place.cell(i), s) for i, s in enumerate(found.told) if outer.get(i, True)],
                y,
                f"told {found.told_origin}",
            )
        )
    if found.source is not None:
        runs = [(*place.cell(i), s) for i, s in enumerate(real) if s is not None and outer.get(i, True)]
        body.append(_steps(runs, y, "source"))
    body += _marks(place, figures, mean)
    for at, label in found.axis.ticks:
        x = place.x(at)
        if place.left - 1 <= x <= place.right + 1:
            anchor = "end" if x > WIDTH - 26 else "middle"
            body += [line(x, place.base, x, place.base + 4, "axis"), text(min(x, WIDTH - 2), HEIGHT - 5, label, anchor)]
    for end, sign in ((0, "<"), (cells - 1, "≥")):
        if outer[end]:
            left, right = place.cell(end)
            body.append(text((left + right) / 2, HEIGHT - 5, sign, "middle", title=place.said(end)))
    return picture(WIDTH, HEIGHT, f"Histogram of {name}: share of {said} in each bin", *body)


def _by_cell(found: Histogram) -> list[float | None]:
    """The source's share of each cell: where cells had to be taken together, an even part of it."""
    made: list[float | None] = [None] * len(found.synthetic)
    for segment in found.source or ():
        cells = range(segment.first, segment.last + 1)
        for i in cells:
            made[i] = segment.share / len(cells)
    return made


def _frame(place: _Place, top: float, ticks: Sequence[float]) -> list[Markup]:
    body = []
    for tick in ticks:
        y = place.base - tick / top * (place.base - _TOP)
        body.append(line(_LEFT, y, WIDTH - _RIGHT, y, "axis" if tick == 0 else "gridline"))
        body.append(text(_LEFT - 6, y + 4, percent(tick).replace("\u2009", ""), "end"))
    return body


def _scale(highest: float) -> tuple[float, list[float]]:
    """The top of an axis of shares, and where its lines are."""
    if highest <= 0:
        return 1.0, [0.0, 0.5, 1.0]
    power = 10.0 ** math.floor(math.log10(highest))
    step = next(s * power / 4 for s in (1, 2, 4, 8, 10, 20) if s * power >= highest * 0.999)
    steps = math.ceil(highest / step - 1e-3)
    return steps * step, [i * step for i in range(0, steps + 1, 2 if steps > 3 and steps % 2 == 0 else 1)]


def _steps(runs: Sequence[tuple[float, float, float]], y: object, class_: str) -> Markup:
    """An outline over cells; it comes down to the ground where cells do not touch."""
    path: list[str] = []
    end: float | None = None
    for left, right, share in runs:
        height = y(share)  # type: ignore[operator]
        if end is None or abs(left - end) > 0.1:
            if end is not None:
                path.append(f"V{_n(y(0.0))}")  # type: ignore[operator]
            path.append(f"M{_n(left)} {_n(y(0.0))}")  # type: ignore[operator]
        path.append(f"V{_n(height)}H{_n(right)}")
        end = right
    if end is not None:
        path.append(f"V{_n(y(0.0))}")  # type: ignore[operator]
    return element("path", d="".join(path), class_=f"outline {class_}")


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _marks(place: _Place, figures: Sequence[Figure], mean: float | None) -> list[Markup]:
    """The told mean as a line with the standard deviation on both sides, and the mean that came of it."""
    said = {f.what: f for f in figures if isinstance(f.value, float) and f.what in ("mean", "std_dev")}
    body: list[Markup] = []
    if "mean" not in said:
        return body
    told = said["mean"]
    x = place.x(float(told.value))
    if mean is not None and place.left <= place.x(mean) <= place.right:
        m = place.x(mean)
        body.append(line(m, _TOP, m, place.base, "mean synthetic", f"synthetic mean {place.axis.label(mean)}"))
    if place.left - 1 <= x <= place.right + 1:
        body.append(
            line(
                x, 12, x, place.base, f"mean {told.origin}", f"{told.origin} mean {place.axis.label(float(told.value))}"
            )
        )
        label = f"{told.origin} mean {place.axis.label(float(told.value))}"
        if "std_dev" in said:
            spread = float(said["std_dev"].value)
            label += f" ± {place.axis.label(spread)}"
            ends = [
                min(max(place.x(v), place.left), place.right)
                for v in (float(told.value) - spread, float(told.value) + spread)
            ]
            if place.axis.scale == "linear":
                body.append(line(ends[0], 15, ends[1], 15, f"spread {told.origin}", label))
        middle = min(max(x, 70), WIDTH - 75)
        body.append(text(middle, 9, label, "middle", "marked"))
    return body


def bars(found: Categories, name: str) -> Markup:
    """A bar for each value, with marks where it was to end and where it ends in the source."""
    rows: list[Category] = list(found.shown)
    if found.rest:
        rows.append(found.rest)
    height = 19.0
    left, right = 126.0, WIDTH - 50
    highest = max([max(c.synthetic, c.told or 0, c.source or 0) for c in rows], default=0) or 1.0
    body = [line(left, 2, left, 4 + height * len(rows), "axis")]
    for i, category in enumerate(rows):
        y = 4 + i * height
        is_rest = category is found.rest
        label = f"{found.others:,} others" if is_rest and found.others else "others" if is_rest else category.label
        said = [f"synthetic {percent(category.synthetic)}"]
        if category.told is not None:
            said.append(f"{found.told_origin} {percent(category.told)}")
        if found.has_source:
            said.append(f"real {percent(category.source)}" if category.source is not None else "real: too few to say")
        title = f"{shortened(label, 200)}: {', '.join(said)}"
        body.append(text(left - 6, y + 13, shortened(label, 18), "end", "rest" if is_rest else "label", title))
        width = category.synthetic / highest * (right - left)
        body.append(rectangle(left, y + 2, width, height - 5, "synthetic rest" if is_rest else "synthetic", title))
        if category.told is not None:
            x = left + category.told / highest * (right - left)
            body.append(line(x, y, x, y + height - 1, f"tick {found.told_origin}", title))
        if category.source is not None:
            x = left + category.source / highest * (right - left)
            body.append(
                element(
                    "path",
                    element("title", title),
                    d=f"M{_n(x)} {_n(y + 3)}l5 5.5l-5 5.5l-5-5.5z",
                    class_="diamond source",
                )
            )
        body.append(text(WIDTH - 2, y + 13, percent(category.synthetic), "end"))
    return picture(WIDTH, 8 + height * len(rows), f"Shares of the values of {name}", *body)


def missingness(columns: Sequence[Column]) -> Markup:
    """A bar for each column: which share of its rows is NULL."""
    height, width = 20.0, 560.0
    left, right = 190.0, width - 60
    body = [
        line(left, 2, left, 4 + height * len(columns), "axis"),
        line(right, 2, right, 4 + height * len(columns), "gridline"),
    ]
    for i, column in enumerate(columns):
        y = 4 + i * height
        said = f"synthetic {percent(column.missing)}"
        if column.null_rate is not None:
            said += f", model {percent(column.null_rate)}"
        if column.source_missing is not None:
            said += f", real {percent(column.source_missing)}"
        title = f"{column.name}: {said} missing"
        body.append(text(left - 6, y + 14, shortened(column.name, 28), "end", "label", title))
        body.append(rectangle(left, y + 3, column.missing * (right - left), height - 6, "missing", title))
        if column.null_rate is not None:
            x = left + column.null_rate * (right - left)
            body.append(line(x, y + 1, x, y + height - 1, "tick model", title))
        if column.source_missing is not None:
            x = left + column.source_missing * (right - left)
            body.append(
                element(
                    "path", element("title", title), d=f"M{_n(x)} {_n(y + 4)}l5 6l-5 6l-5-6z", class_="diamond source"
                )
            )
        body.append(text(width - 2, y + 14, percent(column.missing), "end"))
    return picture(width, 8 + height * len(columns), "Share of missing values by column", *body)


def heat_map(
    columns: Sequence[str], values: Mapping[tuple[str, str], float], name: str, *, difference: bool = False
) -> Markup:
    """A triangle with a cell for each pair; `difference`: shades of one colour, from no difference to 1."""
    count = len(columns)
    size = max(9.0, min(34.0, 400.0 / max(count, 1)))
    label = 8 + 6.2 * max((min(len(c), 18) for c in columns), default=0)
    width, height = label + size * count + 6, size * (count - 1) + 8 + label * 0.75
    body = []
    for i, one in enumerate(columns):
        if i:
            body.append(text(label - 6, (i - 0.5) * size + 8, shortened(one, 18), "end", "label", one))
        for j, other in enumerate(columns[:i]):
            value = values.get((other, one))
            x, y = label + j * size, (i - 1) * size + 4
            if value is None:
                body.append(
                    rectangle(x + 0.5, y + 0.5, size - 1, size - 1, "cell none", f"{other} and {one}: cannot be told")
                )
                continue
            shade = round(min(abs(value), 1.0) * 10)
            kind = "d" if difference else "p" if value >= 0 else "n"
            shown = f"{value:.2f}".replace("-", "\u2212")
            body.append(
                rectangle(x + 0.5, y + 0.5, size - 1, size - 1, f"cell {kind}{shade}", f"{other} and {one}: {shown}")
            )
            if size >= 26:
                body.append(
                    text(
                        x + size / 2,
                        y + size / 2 + 4,
                        shown.replace("0.", "."),
                        "middle",
                        "on-dark" if shade >= 6 else "in-cell",
                    )
                )
    for j, other in enumerate(columns[:-1]):
        x, y = label + (j + 0.5) * size + 3, (count - 1) * size + 12
        body.append(text(x, y, shortened(other, 18), "end", "label", other, transform=f"rotate(-50 {_n(x)} {_n(y)})"))
    return picture(width, height, f"{name} of each pair of columns", *body, class_="heat")


def gauge(fidelity: float) -> Markup:
    """A small bar for a score."""
    return picture(
        64.0,
        8.0,
        f"fidelity {number(fidelity)}",
        rectangle(0, 0, 64, 8, "gauge back"),
        rectangle(0, 0, 64 * fidelity, 8, f"gauge {grade(fidelity)}"),
        class_="gauge",
    )


def grade(fidelity: float) -> str:
    """Good, fair or poor: the class of a score."""
    return "good" if fidelity >= 0.9 else "fair" if fidelity >= 0.75 else "poor"
