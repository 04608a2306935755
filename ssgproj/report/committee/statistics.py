"""Statistics and vocabularies as the page shows them: what they read, what they cost, what they gave."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssgproj.errors import SsgError
from ssgproj.ledger import INTENT, Ledger
from ssgproj.privacy.cost import censors, share, stat_cost, threshold
from ssgproj.privacy.lineage import Tables
from ssgproj.privacy.noise import expected_noise
from ssgproj.privacy.origins import SourceColumn, query_origins
from ssgproj.privacy.people import sent_query
from ssgproj.privacy.stat_origins import StatOrigins
from ssgproj.project.names import table_text
from ssgproj.project.stat_plain import parse_source_sql
from ssgproj.report.committee.document import Bound, Copy, Influence, Released, ReleasedColumn, Statistic
from ssgproj.results import result_status
from ssgproj.results.values import write_value
from ssgproj.vocabularies.files import vocabulary_columns, vocabulary_path
from ssgproj.vocabularies.places import records

if TYPE_CHECKING:
    from ssgproj.project.model import Model
    from ssgproj.project.project import Project
    from ssgproj.project.stat import Stat
    from ssgproj.results import Result

MOST_ROWS = 500
"""Released rows that the page shows; the file has the rest."""


def statistic(stat: Stat, project: Project, origins: StatOrigins, ledger: Ledger, used_by: Iterable[str]) -> Statistic:
    """One statistic. Never raises for what is in its files."""
    cost, given = stat_cost(stat), share(stat)
    status = result_status(project.root, stat)
    noise = {n.output: n for n in expected_noise(stat)}
    paid = [e for e in ledger.entries if e.event == INTENT and e.stat == stat.name]
    draws = origins.draws
    if origins.problem is not None:
        draws = {o.name: frozenset() for o in stat.outputs}
    kinds = {o.name: o for o in stat.outputs}
    expressions = _expressions(stat)
    outputs = tuple(
        ReleasedColumn(
            name,
            kinds[name].type if name in kinds else None,
            kinds[name].key if name in kinds else False,
            expressions.get(name, ""),
            texts(found),
            noise[name].within_95 if name in noise else None,
            noise[name].rows if name in noise else None,
        )
        for name, found in draws.items()
    )
    used = {c for found in draws.values() for c in found} | set(origins.filters)
    limit = None
    if given is not None and stat.query is not None and censors(stat.query):
        limit = threshold(stat.max_ids or 1, given)
    return Statistic(
        name=stat.name,
        path=stat.path,
        description=stat.description,
        owner=stat.owner,
        tags=stat.tags,
        exact=not stat.private,
        reason=stat.reason if not stat.private else None,
        min_people=stat.min_people if not stat.private else None,
        epsilon=stat.epsilon if stat.private else None,
        delta=stat.delta if stat.private else None,
        max_ids=stat.max_ids if stat.private else None,
        noisy=tuple(_noisy(s.function, s.column, s.quantifier) for s in cost.statistics),
        share_epsilon=given.epsilon if given else None,
        share_delta=given.delta if given else None,
        threshold=limit if limit is None or math.isfinite(limit) else None,
        bounds=tuple(Bound(c.name, c.type, c.private_id, c.lower, c.upper) for c in stat.columns),
        source_sql=sent_query(stat, project.settings.privacy.unit, project.models).strip(),
        private_sql=stat.dp.strip() if stat.private else "",
        outputs=outputs,
        filters=influences(origins.filters),
        unused=texts(origins.read - used),
        counts=origins.tables,
        unknown=origins.unknown,
        problem=origins.problem,
        status=str(status.kind),
        status_note=status.problem,
        status_hint=status.hint,
        released=_released(status.result) if status.result is not None else None,
        releases=len(paid),
        spent=sum(e.epsilon for e in paid),
        used_by=tuple(used_by),
    )


def _expressions(stat: Stat) -> dict[str, str]:
    """How each released column is computed, as its file writes it; nothing where that cannot be read."""
    if stat.query is not None:
        return {o.name: stat.dp[o.value.start : o.value.end] for o in stat.query.outputs if o.name is not None}
    try:
        tree = parse_source_sql(stat.query_result, stat.dialect)
    except ValueError:
        return {}
    items = getattr(tree, "expressions", [])
    return {i.alias_or_name: i.unalias().sql(dialect=stat.dialect, comments=False) for i in items}


def _noisy(function: str, column: str | None, quantifier: str) -> str:
    name = {"sum of squares": "sum of the squares of"}.get(function, f"{function} of")
    return " ".join(p for p in (name, quantifier.lower(), column or "rows") if p)


def _released(result: Result) -> Released:
    rows = tuple(tuple(_text(v) for v in row) for row in result.rows[:MOST_ROWS])
    return Released(result.released, tuple(n for n, _ in result.columns), rows, len(result.rows), result.notes)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return write_value(value).strip('"')


def copy(model: Model, project: Project, tables: Tables, used_by: Iterable[str]) -> Copy:
    """One vocabulary and its file. Never raises for what is in it."""
    assert model.vocabulary is not None  # noqa: S101 - the caller chose vocabularies
    columns = tuple(c.name for c in vocabulary_columns(model))
    table = table_text(model.table)
    filters, problem = _where(model, project, tables)
    file: str | None = None
    rows: int | None = None
    names: tuple[str, ...] = ()
    try:
        path = vocabulary_path(project.root, model)
        file = path.relative_to(project.root).as_posix()
        rows, names = _contents(path)
    except SsgError as error:
        problem = problem or error.message
    except (OSError, UnicodeDecodeError):
        problem = problem or f"`{file}` cannot be read"
    return Copy(
        table=table,
        path=model.path,
        reason=model.vocabulary.reason,
        columns=columns,
        left_out=tuple(c.name for c in model.columns if c.name not in columns),
        where=model.vocabulary.where,
        filters=influences(filters),
        file=file,
        rows=rows,
        file_columns=names,
        problem=problem,
        used_by=tuple(used_by),
    )


def _contents(path: Path) -> tuple[int, tuple[str, ...]]:
    """How many rows a vocabulary's file has, and which columns, whatever the model says."""
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            metadata = pq.read_metadata(path)
        except pa.ArrowException:
            raise OSError from None
        return int(metadata.num_rows), tuple(metadata.schema.to_arrow_schema().names)
    header: tuple[str, ...] = ()
    number = 0
    for number, record in enumerate(records(path)):
        if number == 0:
            header = tuple(record.fields())
    return number, header


def _where(model: Model, project: Project, tables: Tables) -> tuple[Mapping[SourceColumn, tuple[str, ...]], str | None]:
    vocabulary = model.vocabulary
    if vocabulary is None or vocabulary.where is None:
        return {}, None
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    dialect = project.settings.dialect
    try:
        table = exp.table_(model.table.name, db=model.table.schema, quoted=True)
        sql = exp.select("1").from_(table).where(vocabulary.where, dialect=dialect).sql(dialect=dialect)
        return query_origins(sql, dialect, tables).filters, None
    except (SqlglotError, ValueError):
        return {}, "its `where` cannot be read"


def texts(columns: Iterable[SourceColumn]) -> tuple[str, ...]:
    return tuple(str(c) for c in sorted(columns))


def influences(filters: Mapping[SourceColumn, tuple[str, ...]]) -> tuple[Influence, ...]:
    return tuple(Influence(str(c), clauses) for c, clauses in filters.items())
