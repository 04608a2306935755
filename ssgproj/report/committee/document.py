"""What the page says, as frozen data: made by `build`, rendered by `page`, or written as JSON and compared in review.

Columns are written `table.column`, statistics and vocabularies by their names, places `file:line`. Nothing depends on the clock or on
where the project is, so two documents differ only where the project does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ssgproj.project.names import join_name

DOCUMENT_VERSION = 1


def column_text(table: str, column: str) -> str:
    """How the document names a column; `table` is a text already."""
    return f"{table}.{join_name(column)}"


@dataclass(frozen=True, slots=True)
class Influence:
    """A source column that decides which rows count, and the clauses that say so."""

    column: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleasedColumn:
    """A column that a statistic releases. `sql` is how it is computed. `draws`: the source columns that its values are made of; empty for a count of rows.
    `noise` is the half-width that 95 % of draws stay within, `noise_rows` how many rows per group that was reckoned for."""

    name: str
    type: str | None
    key: bool
    sql: str
    draws: tuple[str, ...]
    noise: float | None = None
    noise_rows: int | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A column of `query_result` as the header declares it."""

    name: str
    type: str | None
    private_id: bool
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Released:
    """What a statistic gave. `rows` are as texts, at most as many as fit a page; `number` is how many there are."""

    at: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    number: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statistic:
    """One file of `stats/`. `exact`: without differential privacy, with the `reason` its file gives.

    `noisy` are the numbers that SmartNoise adds noise to, each for `share_epsilon` and `share_delta`. `counts`: the tables whose rows
    are read. `unused`: columns that the source query names without any effect on what is released. `problem` and `unknown` say what
    could not be derived.
    """

    name: str
    path: str
    description: str | None
    owner: str | None
    tags: tuple[str, ...]
    exact: bool
    reason: str | None
    min_people: int | None
    epsilon: float | None
    delta: float | None
    max_ids: int | None
    noisy: tuple[str, ...]
    share_epsilon: float | None
    share_delta: float | None
    threshold: float | None
    bounds: tuple[Bound, ...]
    source_sql: str
    private_sql: str
    outputs: tuple[ReleasedColumn, ...]
    filters: tuple[Influence, ...]
    unused: tuple[str, ...]
    counts: tuple[str, ...]
    unknown: tuple[str, ...]
    problem: str | None
    status: str
    status_note: str | None
    status_hint: str | None
    released: Released | None
    releases: int
    spent: float
    used_by: tuple[str, ...]

    @property
    def draws(self) -> tuple[str, ...]:
        return tuple(sorted({d for o in self.outputs for d in o.draws}))


@dataclass(frozen=True, slots=True)
class Copy:
    """One vocabulary: `columns` of a source table, verbatim. `file_columns` are those in the file; `rows` None if there is no file."""

    table: str
    path: str
    reason: str
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    where: str | None
    filters: tuple[Influence, ...]
    file: str | None
    rows: int | None
    file_columns: tuple[str, ...]
    problem: str | None
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One way from a synthetic column back to the source.

    `kind` is `statistic` or `vocabulary`, `name` which, `outputs` the columns of it that are used. `through`: the other synthetic
    columns on the way, nearest first. `how` is the last step's words.
    """

    kind: str
    name: str
    outputs: tuple[str, ...]
    through: tuple[str, ...]
    how: str
    exact: bool
    draws: tuple[str, ...]
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnDoc:
    """One synthetic column. `basis` is the strongest thing it is made from: `copied`, `exact`, `private`, `code`, `written`, `type`.

    `code`: the project's Python that may decide it. `written`: options that people wrote, which may hold what they know of the data.
    """

    name: str
    type: str
    nullable: bool
    description: str | None
    generator: str
    planned: str | None
    basis: str
    written: bool
    lines: tuple[Line, ...]
    code: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableDoc:
    """One table of the destination."""

    table: str
    kind: str
    path: str
    description: str | None
    tags: tuple[str, ...]
    rows: int | None
    columns: tuple[ColumnDoc, ...]
    keys: tuple[str, ...]
    stories: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Python of the project: a story, or a function that a generator calls. ssg does not follow code, so everything that it is given
    counts as passed on: `lines`, and other `code`."""

    kind: str
    name: str
    path: str
    line: int
    description: str | None
    count: str | None
    inserts: tuple[str, ...]
    stats: tuple[str, ...]
    arguments: tuple[str, ...]
    source: str
    lines: tuple[Line, ...]
    code: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """One way by which a source column left. `role`: `copied`, `groups` (its values name the groups that are released), `values`
    (they are counted or summed up), `rows` (it decides which rows count) or `read` (without effect). `epsilon` is the file's total; None where nothing is added to hide anyone."""

    kind: str
    name: str
    role: str
    exact: bool
    clauses: tuple[str, ...]
    epsilon: float | None


@dataclass(frozen=True, slots=True)
class SourceColumnDoc:
    """A source column and all that left through it. `reaches` are the synthetic columns that draw on it, `may_reach` those that the
    project's Python may pass it on to."""

    column: str
    known: bool
    exact: bool
    passages: tuple[Passage, ...]
    reaches: tuple[str, ...]
    may_reach: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silenced:
    """A finding that a comment, or the project's settings, keeps out of the report."""

    code: str
    rule: str
    message: str
    at: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding that stands."""

    code: str
    severity: str
    message: str
    at: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One release. `version`: `current`, `earlier` (the file meant something else then) or `gone` (no such statistic any more)."""

    time: str
    stat: str
    epsilon: float
    delta: float
    finished: bool
    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class Money:
    """What is spent of epsilon and delta: by the ledger, by statistics that have no fresh result yet, and what there is (None: no limit)."""

    spent: float
    outstanding: float
    limit: float | None

    @property
    def planned(self) -> float:
        return self.spent + self.outstanding


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the derivation does not cover."""

    message: str
    at: str


@dataclass(frozen=True, slots=True)
class SchemaText:
    """A text of the schema that can carry data: a check, a default, an enum's labels, a comment."""

    kind: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class NodeDoc:
    """A node of the drawing. `kind`: `source`, `stat`, `vocabulary`, `story`, `model`."""

    id: str
    kind: str
    name: str
    note: str
    needs: tuple[str, ...]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of the first screen. `basis` counts synthetic columns by what they are made from."""

    source_tables: int
    source_columns: int
    read_columns: int
    copied_columns: int
    untouched_columns: int
    exact_statistics: int
    private_statistics: int
    copies: int
    copied_rows: int
    synthetic_tables: int
    synthetic_columns: int
    basis: tuple[tuple[str, int], ...]
    written_columns: int
    derived: bool


@dataclass(frozen=True, slots=True)
class Document:
    """The whole page."""

    document_version: int
    project: str
    dialect: str
    unit: str | None
    seed: int
    summary: Summary
    epsilon: Money
    delta: Money
    statistics: tuple[Statistic, ...]
    copies: tuple[Copy, ...]
    source: tuple[SourceColumnDoc, ...]
    untouched: tuple[tuple[str, tuple[str, ...]], ...]
    tables: tuple[TableDoc, ...]
    code: tuple[Code, ...]
    suppressions: tuple[Silenced, ...]
    findings: tuple[Finding, ...]
    ledger: tuple[LedgerLine, ...]
    ledger_flaws: tuple[str, ...]
    schema: tuple[SchemaText, ...]
    gaps: tuple[Gap, ...]
    nodes: tuple[NodeDoc, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, in the order of the fields."""
        return asdict(self)
