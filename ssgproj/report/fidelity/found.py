"""What was found, as plain values: what the page draws and what the document says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ssgproj.report.fidelity.axis import Axis
from ssgproj.report.fidelity.shape import Shape
from ssgproj.report.fidelity.told import Figure

SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Score:
    """How far the synthetic data are from something: 0 is the same, 1 nothing in common.

    `metric` is `total_variation`, `kolmogorov_smirnov`, `moments`, `missing`, `association` or `rows_per_parent`; `against` is `source`,
    `released` or `model`; one column, or a pair.
    """

    columns: tuple[str, ...]
    metric: str
    against: str
    distance: float

    @property
    def fidelity(self) -> float:
        return 1.0 - min(max(self.distance, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Segment:
    """Some neighbouring bins of the source taken together, so that enough rows are in it. `first` and `last` are cells: 0 is what lies
    below the axis, the last what lies above."""

    first: int
    last: int
    share: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """Shares of the values in each cell: below the axis, its bins, above the axis. `told` are those that were asked for."""

    axis: Axis
    synthetic: tuple[float, ...]
    told: tuple[float, ...] | None = None
    told_origin: str = ""
    source: tuple[Segment, ...] | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """One value with its shares. `source` is None where too few rows have it to say."""

    label: str
    synthetic: float
    told: float | None = None
    source: float | None = None


@dataclass(frozen=True, slots=True)
class Categories:
    """The most frequent values, and the rest of them together. `others` are the synthetic values in the rest; `rest` has the shares of it."""

    shown: tuple[Category, ...]
    rest: Category | None = None
    others: int = 0
    told_origin: str = ""
    has_source: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Shares are of all rows for `missing`, and of the rows with a value for everything else.

    `figures` are the synthetic mean, std_dev, min, max; `source_figures` the source's mean and std_dev alone.
    """

    name: str
    type: str
    shape: Shape
    values: int
    missing: float
    distinct: int | None = None
    null_rate: float | None = None
    source_missing: float | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    source_figures: Mapping[str, float] = field(default_factory=dict)
    told: tuple[Figure, ...] = ()
    stats: tuple[str, ...] = ()
    histogram: Histogram | None = None
    categories: Categories | None = None
    scores: tuple[Score, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def worst(self) -> Score | None:
        return min(self.scores, key=lambda s: s.fidelity, default=None)


@dataclass(frozen=True, slots=True)
class Parent:
    """How many rows of this table a row of the parent has, the parents without any counted too."""

    columns: tuple[str, ...]
    table: str
    parents: int
    without: int
    mean: float
    most: int
    histogram: Histogram | None
    score: Score | None = None


@dataclass(frozen=True, slots=True)
class Associations:
    """How strongly columns go together, by pair: Spearman's rank correlation of two measured columns (−1 to 1), Cramér's V of two categories, the
    correlation ratio of one of each (0 to 1). A pair that cannot be told is not there."""

    columns: tuple[str, ...]
    synthetic: Mapping[tuple[str, str], float]
    source: Mapping[tuple[str, str], float] | None = None
    rows: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `rows` of the source is None without it, or where there are too few to say."""

    name: str
    rows: int
    columns: tuple[Column, ...] = ()
    vocabulary: bool = False
    description: str | None = None
    parents: tuple[Parent, ...] = ()
    associations: Associations | None = None
    pair_scores: tuple[Score, ...] = ()
    source_rows: int | None = None
    stories: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def scores(self) -> tuple[Score, ...]:
        parents = tuple(p.score for p in self.parents if p.score)
        return (*(s for c in self.columns for s in c.scores), *parents, *self.pair_scores)


@dataclass(frozen=True, slots=True)
class Released:
    """A statistic that was used, as it is named on the page."""

    name: str
    privacy: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of it."""

    project: str
    destination: str
    tables: tuple[Table, ...]
    stats: tuple[Released, ...] = ()
    with_source: bool = False
    min_people: int = 10
    sampled: bool = False
    has_scipy: bool = True
    notes: tuple[str, ...] = ()
