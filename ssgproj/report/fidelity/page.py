"""The report as one HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssgproj.report.fidelity import charts
from ssgproj.report.fidelity.document import METRICS, overall
from ssgproj.report.fidelity.found import SOURCE
from ssgproj.report.fidelity.shape import Shape
from ssgproj.report.html import number, render

if TYPE_CHECKING:
    from markupsafe import Markup

    from ssgproj.report.fidelity.found import Column, Report, Score, Table

WORST = 10
WORST_PAIRS = 6
MOST_PAIRS = 8
_AGAINST = {SOURCE: "the real data", "released": "what was released", "model": "the model"}
_WORDS = {Shape.KEY: "key", Shape.OPAQUE: "not drawn", Shape.TEXT: "lengths of texts"}


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A score as it is written."""

    where: str
    link: str
    columns: str
    fidelity: float
    text: str
    grade: str
    gauge: Markup
    metric: str
    against: str
    against_text: str
    short: str
    is_pair: bool


def html_page(report: Report, *, title: str | None = None, made: str = "") -> str:
    """The page: self-contained, every name in it escaped."""
    ids = {t.name: f"t{i}" for i, t in enumerate(report.tables)}
    scores = sorted(
        (_shown(t, s, ids[t.name]) for t in report.tables for s in t.scores),
        key=lambda s: (s.fidelity, s.where, s.columns),
    )
    # What only says how closely the engine keeps to what the model's author wrote is no news beside what came from the source.
    leading = [s for s in scores if s.against != "model"]
    return render(
        "report.html",
        styles=("report.css",),
        scripts=("report.js",),
        title=title or f"{report.project}: synthetic data",
        report=report,
        made=made,
        tables=[_table(t, ids[t.name]) for t in report.tables],
        worst=[s for s in leading or scores if not s.is_pair][:WORST],
        worst_pairs=[s for s in leading if s.is_pair][:WORST_PAIRS],
        overall=overall(report),
        rows=sum(t.rows for t in report.tables),
        columns=sum(len(t.columns) for t in report.tables),
        scores=scores,
        has_model=any(s.against == "model" for s in scores)
        or any(c.null_rate is not None for t in report.tables for c in t.columns),
        has_released=bool(report.stats),
        metrics=METRICS,
        percent=charts.percent,
        grade=charts.grade,
    )


def _shown(table: Table, score: Score, anchor: str) -> ShownScore:
    names = [c.name for c in table.columns]
    pair = len(score.columns) > 1 or score.metric == "rows_per_parent"
    place = f"{anchor}-pairs" if pair else f"{anchor}-c{names.index(score.columns[0])}"
    return ShownScore(
        table.name,
        f"#{place}",
        " and ".join(score.columns) if score.metric != "rows_per_parent" else ", ".join(score.columns),
        score.fidelity,
        f"{score.fidelity:.2f}",
        charts.grade(score.fidelity),
        charts.gauge(score.fidelity),
        METRICS[score.metric][0],
        score.against,
        _AGAINST[score.against],
        "real" if score.against == SOURCE else score.against,
        len(score.columns) > 1,
    )


def _table(table: Table, anchor: str) -> dict[str, object]:
    """What the template needs of a table, with its pictures."""
    gaps = [c for c in table.columns if c.missing or c.null_rate or c.source_missing]
    pairs = table.associations
    return {
        "found": table,
        "id": anchor,
        "columns": [_column(table, c, f"{anchor}-c{i}", anchor) for i, c in enumerate(table.columns)],
        "missing": charts.missingness(gaps) if gaps and table.rows else None,
        "parents": [
            (p, charts.histogram(p.histogram, f"rows per {p.table}", mean=p.mean, said="parents") if p.histogram else None,
             _shown(table, p.score, anchor) if p.score else None)
            for p in table.parents
        ],
        "maps": list(_maps(table)),
        "pairs": sorted((_shown(table, s, anchor) for s in table.pair_scores), key=lambda s: (s.fidelity, s.columns))[:MOST_PAIRS],
        "pair_count": len(table.pair_scores),
        "left_out": pairs.left_out if pairs else 0,
        "worst": min(
            (_shown(table, s, anchor) for s in table.scores), key=lambda s: (s.against == "model", s.fidelity), default=None
        ),
    }  # fmt: skip


def _maps(table: Table) -> Iterator[tuple[str, Markup]]:
    pairs = table.associations
    if pairs is None or len(pairs.columns) < 2:
        return
    yield "Synthetic", charts.heat_map(pairs.columns, pairs.synthetic, f"Association in the synthetic {table.name}")
    if pairs.source is not None:
        yield "Real", charts.heat_map(pairs.columns, pairs.source, f"Association in the real {table.name}")
        apart = {p: abs(v - pairs.source[p]) for p, v in pairs.synthetic.items() if p in pairs.source}
        yield (
            "Difference",
            charts.heat_map(pairs.columns, apart, f"Difference of associations in {table.name}", difference=True),
        )


def _column(table: Table, column: Column, anchor: str, table_anchor: str) -> dict[str, object]:
    drawn = None
    axis = ""
    if column.histogram:
        said = "texts by length" if column.shape is Shape.TEXT else "values"
        drawn = charts.histogram(column.histogram, column.name, column.told, column.figures.get("mean"), said)
        axis = column.histogram.axis.unit
    elif column.categories and (column.categories.shown or column.categories.rest):
        drawn = charts.bars(column.categories, column.name)
    return {
        "found": column,
        "id": anchor,
        "picture": drawn,
        "word": _WORDS.get(column.shape, column.shape.value),
        "axis": axis,
        "figures": list(_figures(column)),
        "scores": [_shown(table, s, table_anchor) for s in sorted(column.scores, key=lambda s: s.fidelity)],
    }


def _figures(column: Column) -> Iterator[tuple[str, str]]:
    axis = column.histogram.axis if column.histogram else None
    if axis and column.values:
        label = axis.label
        length = "length " if column.shape is Shape.TEXT else ""
        yield (
            f"{length}{label(column.figures['min'])} to {label(column.figures['max'])}",
            "least and greatest synthetic value",
        )
        if column.shape is not Shape.MOMENT:
            spread = column.figures.get("std_dev")
            yield (
                f"mean {label(column.figures['mean'])}" + (f" ± {label(spread)}" if spread is not None else ""),
                "synthetic mean and standard deviation",
            )
            if column.source_figures:
                real = column.source_figures
                spread = real.get("std_dev")
                yield (
                    f"real mean {label(real['mean'])}" + (f" ± {label(spread)}" if spread is not None else ""),
                    "of the source",
                )
    if column.distinct is not None and column.values:
        about = "" if column.distinct < 1000 else "about "
        yield f"{about}{number(column.distinct)} different", "different synthetic values"
    if column.missing or column.source_missing:
        real_text = f", real {charts.percent(column.source_missing)}" if column.source_missing is not None else ""
        yield f"{charts.percent(column.missing)} missing{real_text}", "share of rows that are NULL"
    for figure in column.told:
        if figure.what not in ("mean", "std_dev") and figure.origin == "released":
            value = number(figure.value, 4) if isinstance(figure.value, float) else figure.value
            yield f"{figure.option} {value} released", figure.stat or ""
