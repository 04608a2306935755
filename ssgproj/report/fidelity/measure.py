"""Reading every table once and counting what is in it: from streams of batches to a `Report`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ssgproj.report.fidelity import counting
from ssgproj.report.fidelity.association import LEVELS, associations, codes
from ssgproj.report.fidelity.categorical import Against, categories, joint_scores
from ssgproj.report.fidelity.distances import has_scipy, kolmogorov_smirnov
from ssgproj.report.fidelity.found import SOURCE, Associations, Column, Released, Report, Score, Table
from ssgproj.report.fidelity.measured import figure_scores, histogram, is_whole, moments_of, told_points
from ssgproj.report.fidelity.parents import rows_per_parent
from ssgproj.report.fidelity.rows import spool
from ssgproj.report.fidelity.shape import Looked, Shape, look
from ssgproj.report.fidelity.suppress import MIN_PEOPLE
from ssgproj.report.fidelity.told import Told, told
from ssgproj.spool import open_spool

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.graph.graph import Graph
    from ssgproj.project.model import ForeignKey, Model, TableName
    from ssgproj.project.stat import Stat
    from ssgproj.project.story import Story
    from ssgproj.report.fidelity.counting import Summary
    from ssgproj.report.fidelity.found import Parent

MOST_ASSOCIATED = 40
"""So many columns of a table are compared pair by pair."""
_PEOPLE = ""
"""The name of a sample's people, which no column has."""
_DIFFERENT = 50
"""Texts of more different values than this, and than a quarter of the rows, are looked at by their length."""


class Read(Protocol):
    """How to get the rows of a table, in the columns' canonical Arrow types; those that are only looked at for being there may be anything."""

    def __call__(self, model: Model, columns: Sequence[str] | None = None, /) -> Iterator[pa.RecordBatch]: ...


def measure(
    graph: Graph,
    nodes: Iterable[str],
    read: Read,
    *,
    destination: str = "",
    source: Read | None = None,
    least: int = MIN_PEOPLE,
    told_of: Callable[[str], None] = lambda _: None,
) -> Report:
    """What stands in the tables of these nodes, beside what was told and, if it is given, the source.

    Every table is read once, from start to end, and takes a bounded memory and its size on disk while it is looked at. `told_of` hears the
    name of each table before. Nothing of the source is in the report about fewer than `least` people, or rows where a table has no people.
    """
    chosen = set(nodes)
    results, released = _results(graph)
    counts = _Counts(read, source)
    tables = []
    sampled = False
    for model in graph.ordered_models():
        if model.node_id not in chosen:
            continue
        told_of(str(model.table))
        with open_spool() as connection:
            table = _Look(connection, graph, model, told(graph, model, results), counts, least).table()
        tables.append(table)
        sampled |= table.rows > counting.SAMPLE_ROWS or (table.source_rows or 0) > counting.SAMPLE_ROWS
    used = {s for t in tables for c in t.columns for s in c.stats} | {
        s for story in graph.project.stories for s in story.stats if set(_inserted(story)) & {t.name for t in tables}
    }
    return Report(
        graph.project.settings.name,
        destination,
        tuple(tables),
        tuple(released[s] for s in sorted(used) if s in released),
        source is not None,
        least,
        sampled,
        has_scipy(),
    )


@dataclass(slots=True)
class _Counts:
    """The two places rows come from, and how many rows tables have that were counted already."""

    read: Read
    source: Read | None
    synthetic: dict[TableName, int]
    real: dict[TableName, int]

    def __init__(self, read: Read, source: Read | None) -> None:
        self.read, self.source = read, source
        self.synthetic, self.real = {}, {}

    def of(self, model: Model, *, real: bool) -> int:
        """The rows of a parent, read if need be."""
        found = self.real if real else self.synthetic
        if model.table not in found:
            read = self.source if real else self.read
            assert read is not None  # noqa: S101 - asked for only where there is a source
            key = model.primary_key.columns[0] if model.primary_key else model.columns[0].name
            found[model.table] = sum(b.num_rows for b in read(model, [key]))
        return found[model.table]


@dataclass(slots=True)
class _Look:
    """One table being looked at."""

    connection: Any
    graph: Graph
    model: Model
    told: Told
    counts: _Counts
    least: int

    def table(self) -> Table:
        model = self.model
        if model.vocabulary or not model.columns:
            rows = self.counts.of(model, real=False) if model.columns else 0
            return Table(str(model.table), rows, vocabulary=bool(model.vocabulary), description=model.description)
        foreign = self.graph.foreign_keys(model)
        parents = {k.to_table: self.graph.models[k.to_table] for k in foreign}
        looked = look(model, [(k, bool(parents[k.to_table].vocabulary)) for k in foreign], self.told)
        keys: dict[str, Sequence[str]] = {f"k{i}": k.columns for i, k in enumerate(foreign)}
        people = self._people(foreign)
        rows = spool(self.connection, "s", looked, keys, self.counts.read(model))
        self.counts.synthetic[model.table] = rows
        real_rows, against = 0, None
        if self.counts.source:
            real_keys = {**keys, "people": people} if people else keys
            real_rows = spool(self.connection, "r", looked, real_keys, self.counts.source(model))
            self.counts.real[model.table] = real_rows
            if counting.enough(self.connection, "r", "true", "people" if people else None, self.least):
                against = Against("r", "people" if people else None, self.least)
        _, summaries = counting.summaries(self.connection, "s", looked)
        real = self._real_summaries(looked, against) if against else {}
        shapes = {c.name: self._shape(c, summaries[c.name]) for c in looked}
        columns = [
            self._column(c, shapes[c.name], rows, summaries[c.name], real_rows, real.get(c.name), against)
            for c in looked
        ]
        pairs, pair_scores, distances = self._pairs(looked, shapes, columns, rows, (against, real_rows, real))
        by_name = {c.name: c for c in looked if shapes[c.name] is Shape.CATEGORY}
        for joint in self.told.joints:
            pair_scores += joint_scores(self.connection, by_name, "s", joint)
        return Table(
            str(model.table),
            rows,
            tuple(replace(c, scores=(*c.scores, *distances.get(c.name, ()))) for c in columns),
            description=model.description,
            parents=tuple(self._parents(foreign, parents, against is not None)),
            associations=pairs,
            pair_scores=tuple(pair_scores),
            source_rows=real_rows if against else None,
            stories=tuple(s.name for s in self.graph.project.stories if str(model.table) in _inserted(s)),
            notes=(f"The source has rows of fewer than {self.least} people in this table: nothing is said of it.",)
            if self.counts.source and not against
            else (),
        )

    def _real_summaries(self, looked: Sequence[Looked], against: Against) -> dict[str, Summary]:
        """The source's summaries of the columns in which enough people have a value."""
        _, found = counting.summaries(self.connection, "r", looked)
        wanted = {c.name: f"c{c.place} IS NOT NULL" for c in looked}
        return {
            n: s
            for n, s in found.items()
            if counting.enough(self.connection, "r", wanted[n], against.people, self.least)
        }

    def _people(self, foreign: Sequence[ForeignKey]) -> Sequence[str]:
        """The columns that say to whom a row belongs: the privacy unit's own, or a reference to it. None where each row is a person."""
        table, _, column = (self.graph.project.settings.privacy.unit or "").rpartition(".")
        if str(self.model.table) == table and any(c.name == column for c in self.model.columns):
            keys = (self.model.primary_key, *self.model.unique)
            return () if any(k and k.columns == (column,) for k in keys) else (column,)
        return next((k.columns for k in foreign if str(k.to_table) == table and k.to_columns == (column,)), ())

    def _shape(self, looked: Looked, summary: Summary) -> Shape:
        limit = max(_DIFFERENT, summary.values / 4)
        many = (summary.distinct or 0) > limit and looked.column.type.is_text
        return (
            Shape.TEXT
            if looked.shape is Shape.CATEGORY and many and looked.name not in self.told.shares
            else looked.shape
        )

    def _column(
        self, looked: Looked, shape: Shape, rows: int, summary: Summary, real_rows: int, real: Summary | None, against: Against | None
    ) -> Column:  # fmt: skip
        name, column = looked.name, looked.column
        shares, bins, figures = self.told.shares.get(name), self.told.bins.get(name), self.told.figures.get(name, ())
        drawn, counted = None, None
        if real is None:
            against = None  # too few people have a value
        scores: tuple[Score, ...] = ()
        if shape is Shape.CATEGORY:
            if summary.values or shares or against:
                counted, scores = categories(self.connection, looked, "s", shares, against)
        elif shape.is_measured or shape is Shape.TEXT:
            if shape is Shape.TEXT:
                sql = counting.expression(looked, shape)
                summary = replace(counting.measured_summary(self.connection, "s", sql), distinct=summary.distinct)
                real = counting.measured_summary(self.connection, "r", sql) if against else None
            if shares and not bins:
                bins = told_points(looked, shares, is_whole(looked, shape))
            other = (against, real) if against and real else None
            drawn, scores = histogram(self.connection, looked, shape, ("s", summary), bins, figures, other)
            scores += figure_scores(self.connection, looked, ("s", summary), figures)
        real_missing = None
        if against and real:
            absent = real_rows - real.values
            if not absent or counting.enough(
                self.connection, "r", f"c{looked.place} IS NULL", against.people, self.least
            ):
                real_missing = absent / real_rows
        missing = 1 - summary.values / rows if rows else 0.0
        if real_missing is not None and rows and (column.nullable or missing or real_missing):
            scores += (Score((name,), "missing", SOURCE, abs(missing - real_missing)),)
        known = {"mean": summary.mean, "std_dev": summary.std_dev, "min": summary.low, "max": summary.high}
        has_real = real is not None and shape.is_measured
        return Column(
            name,
            column.type.text,
            shape,
            summary.values,
            missing,
            summary.distinct,
            column.null_rate,
            real_missing,
            {n: v for n, v in known.items() if v is not None},
            moments_of(real) if has_real and real else {},
            figures,
            self.told.stats.get(name, ()),
            drawn,
            counted,
            scores,
            tuple(n for n in (self.told.problems.get(name),) if n),
        )

    def _parents(
        self, foreign: Sequence[ForeignKey], parents: Mapping[TableName, Model], real: bool
    ) -> Iterator[Parent]:
        for i, key in enumerate(foreign):
            parent = parents[key.to_table]
            if parent.vocabulary:
                continue  # how often each value of a vocabulary comes is drawn as categories
            sides = [("s", False), *([("r", True)] if real else [])]
            found = [
                (counting.rows_per_key(self.connection, t, f"k{i}"), self.counts.of(parent, real=is_real))
                for t, is_real in sides
            ]
            made = rows_per_parent(key, found[0], found[1] if real else None, self.least)
            if made:
                yield made

    def _pairs(
        self,
        looked: Sequence[Looked],
        shapes: Mapping[str, Shape],
        columns: Sequence[Column],
        rows: int,
        source: tuple[Against | None, int, Mapping[str, Summary]],
    ) -> tuple[Associations | None, list[Score], dict[str, tuple[Score, ...]]]:
        """Associations, their differences from the source's, and distances between single columns of the two samples."""
        against, real_rows, known = source
        if not has_scipy() or not rows:
            return None, [], {}
        by_name = {c.name: c for c in columns}
        usable = [c for c in looked if _varies(by_name[c.name], shapes[c.name])]
        paired = [c for c in usable if shapes[c.name] is not Shape.TEXT]
        paired, left_out = paired[:MOST_ASSOCIATED], len(paired[MOST_ASSOCIATED:])
        chosen = [c for c in usable if c in paired or (against and shapes[c.name] is not Shape.CATEGORY)]
        if not chosen:
            return None, [], {}
        measured = {c.name: shapes[c.name] is not Shape.CATEGORY for c in chosen}
        levels = {c.name: _levels(by_name[c.name]) for c in chosen if not measured[c.name]}
        names = [c.name for c in paired]
        synthetic = self._sample("s", rows, chosen, shapes, levels)
        found = associations({n: synthetic[n] for n in names}, measured)
        if not against:
            made = Associations(tuple(names), found, None, len(next(iter(synthetic.values()))), left_out)
            return (made if found else None), [], {}
        compared = [c for c in chosen if c.name in known]
        real = self._sample("r", real_rows, compared, shapes, levels, against.people)
        other = associations({n: real[n] for n in names if n in real}, measured, real.get(_PEOPLE), self.least)
        made = Associations(tuple(names), found, other, len(next(iter(synthetic.values()))), left_out)
        scores = [Score(p, "association", SOURCE, abs(found[p] - other[p])) for p in found if p in other]
        return (made if found else None), scores, self._distances(compared, measured, synthetic, real)

    def _distances(
        self,
        chosen: Sequence[Looked],
        measured: Mapping[str, bool],
        synthetic: Mapping[str, Any],
        real: Mapping[str, Any],
    ) -> dict[str, tuple[Score, ...]]:
        import numpy as np

        found: dict[str, tuple[Score, ...]] = {}
        for column in chosen:
            if not measured[column.name]:
                continue
            one, other = (a[column.name][~np.isnan(a[column.name])] for a in (synthetic, real))
            if len(one) and len(other):
                found[column.name] = (
                    Score((column.name,), "kolmogorov_smirnov", SOURCE, kolmogorov_smirnov(one, other)),
                )
        return found

    def _sample(
        self,
        table: str,
        rows: int,
        chosen: Sequence[Looked],
        shapes: Mapping[str, Shape],
        levels: Mapping[str, Sequence[str]],
        people: str | None = None,
    ) -> dict[str, Any]:
        """Columns of a sample as numpy arrays: numbers with NaN, or codes of levels; and whom the rows belong to."""
        import numpy as np

        selected = [
            f"CAST({counting.expression(c, shapes[c.name])} AS DOUBLE)" if c.name not in levels else f"c{c.place}"
            for c in chosen
        ]
        if people:
            selected.append(f"coalesce({people}, 0)")
        if not selected:
            return {}
        sample = counting.sample(self.connection, table, rows, selected)
        found: dict[str, Any] = {}
        if people:
            found[_PEOPLE] = sample.columns[-1].combine_chunks().to_numpy(zero_copy_only=False)
        for column, array in zip(chosen, sample.columns, strict=False):
            flat = array.combine_chunks()
            if column.name in levels:
                found[column.name] = codes(flat, levels[column.name])
            else:
                found[column.name] = flat.fill_null(np.nan).to_numpy(zero_copy_only=False)
        return found


def _varies(column: Column, shape: Shape) -> bool:
    if shape is Shape.CATEGORY:
        return bool(column.categories and column.values)
    return bool(column.values and (shape.is_measured or shape is Shape.TEXT))


def _levels(column: Column) -> list[str]:
    """The most frequent synthetic values."""
    shown = column.categories.shown if column.categories else ()
    return [c.label for c in sorted(shown, key=lambda c: -c.synthetic) if c.synthetic > 0][:LEVELS]


def _results(graph: Graph) -> tuple[dict[str, dict[str, list[Any]]], dict[str, Released]]:
    """The results that may be used, and what each statistic is called on the page."""
    from ssgproj.results import result_status

    values, names = {}, {}
    for stat in graph.project.stats:
        status = result_status(graph.project.root, stat)
        if status.usable and status.result is not None:
            values[stat.name] = status.result.values()
        names[stat.name] = Released(stat.name, _privacy(stat), stat.description)
    return values, names


def _privacy(stat: Stat) -> str:
    if not stat.private:
        return f"without differential privacy, at least {stat.min_people} people a row"
    return f"ε {stat.epsilon:g}" if stat.epsilon is not None else "differentially private"


def _inserted(story: Story) -> tuple[str, ...]:
    return tuple(map(str, story.inserts))
