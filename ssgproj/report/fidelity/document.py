"""The report for machines: every score, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssgproj.report.fidelity.found import Report, Score, Table

METRICS: Mapping[str, tuple[str, str]] = {
    "total_variation": (
        "total variation", "Categories: half of the sum of differences between the shares, which is the share of rows that would have to change."),
    "kolmogorov_smirnov": (
        "Kolmogorov–Smirnov", "Numbers and dates: the greatest difference between the shares of values up to a point, over all points."),
    "moments": (
        "mean and spread", "Where only a mean and a standard deviation were released: the difference of the means in standard deviations, or that of the standard deviations as a share, whichever is greater."),
    "missing": ("missing values", "The difference between the shares of rows without a value."),
    "association": (
        "association", "Pairs of columns: the difference between how strongly they go together (Spearman's correlation, Cramér's V, correlation ratio)."),
    "rows_per_parent": ("rows per parent", "References: Kolmogorov–Smirnov of how many rows a row of the parent has."),
}  # fmt: skip
"""Each metric's name for people and what it measures; a score's fidelity is 1 less that distance."""


def overall(report: Report) -> dict[str, float]:
    """The mean fidelity by what was compared with."""
    found: dict[str, list[float]] = {}
    for table in report.tables:
        for score in table.scores:
            found.setdefault(score.against, []).append(score.fidelity)
    return {a: fmean(found[a]) for a in ("source", "released", "model") if a in found}


def document(report: Report) -> dict[str, Any]:
    """Plain values in a fixed order. `private`: whether anything in it comes from the source beyond what was released."""
    return {
        "project": report.project,
        "destination": report.destination,
        "private": report.with_source,
        **({"min_people": report.min_people} if report.with_source else {}),
        "sampled": report.sampled,
        "fidelity": {a: _rounded(v) for a, v in overall(report).items()},
        "tables": {t.name: _table(t) for t in report.tables},
    }


def below(report: Report, least: float) -> list[tuple[Table, Score]]:
    """The scores against released statistics and the source that are below a limit, worst first."""
    found = [(t, s) for t in report.tables for s in t.scores if s.against != "model" and s.fidelity < least]
    return sorted(found, key=lambda pair: pair[1].fidelity)


def _table(table: Table) -> dict[str, Any]:
    columns = {
        c.name: {
            "type": c.type,
            "missing": _rounded(c.missing),
            **({"stats": list(c.stats)} if c.stats else {}),
            "scores": list(_scores(c.scores)),
        }
        for c in table.columns
    }
    return {
        "rows": table.rows,
        **({"source_rows": table.source_rows} if table.source_rows is not None else {}),
        **({"vocabulary": True} if table.vocabulary else {}),
        "columns": columns,
        "parents": [
            {
                "columns": list(p.columns), "table": p.table, "parents": p.parents, "without": p.without, "mean": _rounded(p.mean),
                "most": p.most, "scores": list(_scores([p.score] if p.score else [])),
            }
            for p in table.parents
        ],
        "pairs": [{"columns": list(s.columns), **_score(s)} for s in table.pair_scores],
    }  # fmt: skip


def _scores(scores: Any) -> Iterator[dict[str, Any]]:
    for score in scores:
        yield _score(score)


def _score(score: Score) -> dict[str, Any]:
    return {
        "metric": score.metric,
        "against": score.against,
        "distance": _rounded(score.distance),
        "fidelity": _rounded(score.fidelity),
    }


def _rounded(value: float) -> float:
    return round(value, 4)
