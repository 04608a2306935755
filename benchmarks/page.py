"""The results as one HTML page that needs nothing else: tables, and charts as inline SVG."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import charts

if TYPE_CHECKING:
    from markupsafe import Markup


def render(document: dict[str, Any]) -> str:
    """The page of a results document."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": charts.count, "duration": charts.seconds, "ratio": charts.ratio, "prose": _prose}
    template = environment.get_template("page.html.j2")
    drawn = {s["name"]: _charts(s) for s in document["sections"]}
    return template.render(document=document, charts=drawn)


def _prose(text: str) -> Markup:
    """What stands in backticks as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _charts(section: dict[str, Any]) -> list[charts.Bars | charts.Lines]:
    measures = section["measures"]
    if not measures:
        return []
    if section["chart"] == "growth":
        return [
            charts.lines("Rows a second", _series(measures, "per_second"), charts.count),
            charts.lines("Peak memory, MB", _series(measures, "peak_mb"), charts.count),
        ]
    by_rate = section["chart"] == "rate"
    unit = {"rows": "rows a second", "values": "values a second"}
    made: list[charts.Bars | charts.Lines] = []
    for case, group in groupby(measures, key=lambda m: m["case"]):
        chosen = [m for m in group if not by_rate or m["per_second"]]
        if by_rate and chosen:
            name = unit[chosen[0]["unit"]]
            title = case if case == name else f"{case}: {name}"
            all_ours = {"ours": lambda _: True} if section["name"] == "generators" else {}
            made.append(charts.bars(title, chosen, lambda m: m["per_second"], charts.count, **all_ours))
        elif chosen:
            made.append(charts.bars(f"{case}: seconds", chosen, lambda m: m["median_seconds"], charts.seconds))
    return made


def _series(measures: list[dict[str, Any]], field: str) -> dict[str, list[tuple[float, float]]]:
    series: dict[str, list[tuple[float, float]]] = {}
    for measure in measures:
        if measure[field] is not None:
            series.setdefault(measure["case"], []).append((measure["rows"], measure[field]))
    return series
