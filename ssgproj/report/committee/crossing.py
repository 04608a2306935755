"""The other way round: of every source column all that left through it, and what the derivation does not cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ssgproj.errors import SsgError
from ssgproj.ledger import INTENT, Ledger
from ssgproj.project.names import table_text
from ssgproj.report.committee.document import (
    Code,
    Copy,
    Gap,
    Line,
    Passage,
    SourceColumnDoc,
    Statistic,
    TableDoc,
    column_text,
)
from ssgproj.results import DIRECTORY as RESULTS
from ssgproj.vocabularies.files import DIRECTORY as VOCABULARIES
from ssgproj.vocabularies.files import vocabulary_files

if TYPE_CHECKING:
    from ssgproj.project.project import Project


def source_columns(
    project: Project,
    statistics: Iterable[Statistic],
    copies: Iterable[Copy],
    tables: Iterable[TableDoc],
    code: Iterable[Code],
) -> tuple[SourceColumnDoc, ...]:
    """Every source column that anything reads; those that left exactly come first, then those the project does not know."""
    passages: dict[str, list[Passage]] = {}
    for made in copies:
        for name in made.columns:
            column = column_text(made.table, name)
            passages.setdefault(column, []).append(Passage("vocabulary", made.table, "copied", True, (), None))
        for influence in made.filters:
            found = Passage("vocabulary", made.table, "rows", True, influence.clauses, None)
            passages.setdefault(influence.column, []).append(found)
    for stat in statistics:
        clauses = {f.column: f.clauses for f in stat.filters}
        for column in dict.fromkeys((*stat.draws, *clauses, *stat.unused)):
            groups = any(column in o.draws for o in stat.outputs if o.key)
            role = "groups" if groups else "values" if column in stat.draws else "rows" if column in clauses else "read"
            found = Passage("statistic", stat.name, role, stat.exact, clauses.get(column, ()), stat.epsilon)
            passages.setdefault(column, []).append(found)
    reaches: dict[str, dict[str, None]] = {}
    may_reach: dict[str, dict[str, None]] = {}
    given = _given(code)
    for table in tables:
        for synthetic in table.columns:
            name = column_text(table.table, synthetic.name)
            for column in _sources(synthetic.lines):
                reaches.setdefault(column, {})[name] = None
            for column in {c for used in synthetic.code for c in given.get(used, ())}:
                may_reach.setdefault(column, {})[name] = None
    place = {
        column_text(table_text(m.table), c.name): (i, j)
        for i, m in enumerate(project.models)
        for j, c in enumerate(m.columns)
    }
    made_docs = [
        SourceColumnDoc(
            column,
            column in place,
            any(p.exact and p.role != "read" for p in ways),
            tuple(sorted(ways, key=lambda p: (not p.exact, p.kind, p.name))),
            tuple(reaches.get(column, ())),
            tuple(c for c in may_reach.get(column, ()) if c not in reaches.get(column, ())),
        )
        for column, ways in passages.items()
    ]
    return tuple(sorted(made_docs, key=lambda s: (not s.exact, not s.known, place.get(s.column, (0, 0)), s.column)))


def _sources(lines: Iterable[Line]) -> set[str]:
    return {column for line in lines for column in (*line.draws, *line.filters)}


def _given(code: Iterable[Code]) -> dict[str, set[str]]:
    """The source columns that each piece of code is given, also by way of others."""
    found = {c.name: _sources(c.lines) for c in code}
    others = {c.name: c.code for c in code}
    grown = True
    while grown:
        grown = False
        for name, columns in found.items():
            more = {c for other in others[name] for c in found.get(other, ())} - columns
            columns.update(more)
            grown = grown or bool(more)
    return found


def gaps(
    project: Project,
    statistics: Iterable[Statistic],
    copies: Iterable[Copy],
    ledger: Ledger,
    source: Iterable[SourceColumnDoc],
) -> Iterator[Gap]:
    """What left, or may have left, without a line to follow."""
    names = set()
    for stat in statistics:
        names.add(stat.name)
        if stat.problem is not None:
            yield Gap(
                f"The SQL of `{stat.name}` is not understood ({stat.problem}): take it to read everything", stat.path
            )
        elif stat.unknown:
            listed = ", ".join(f"`{u}`" for u in stat.unknown)
            yield Gap(f"`{stat.name}` names what no model describes: {listed}", stat.path)
        if stat.status == "edited":
            yield Gap(stat.status_note or f"The result of `{stat.name}` was changed", f"{RESULTS}/{stat.name}.yml")
        elif stat.released is not None and not stat.releases:
            message = f"No line of the ledger records the release of the result of `{stat.name}`"
            yield Gap(message, f"{RESULTS}/{stat.name}.yml")
    for made in copies:
        if made.problem is not None and made.file is not None:
            yield Gap(f"The vocabulary `{made.table}` is not understood: {made.problem}", made.file)
        if extra := [c for c in made.file_columns if c not in made.columns]:
            listed = ", ".join(f"`{c}`" for c in extra)
            yield Gap(
                f"The file of vocabulary `{made.table}` has columns that its model does not copy: {listed}",
                made.file or "",
            )
    yield from _strays(project, names)
    yield from _old_releases(project, ledger)


def _strays(project: Project, stats: set[str]) -> Iterator[Gap]:
    """Files where released data stand that belong to nothing in the project."""
    root = project.root
    for path in _files(root / RESULTS):
        if path.suffix in (".yml", ".yaml") and (path.stem not in stats or path.suffix == ".yaml"):
            yield Gap(
                f"A result of no statistic that the project has: `{path.stem}`", path.relative_to(root).as_posix()
            )
    ours = {p for m in project.models if m.vocabulary and not m.ignore for p in vocabulary_files(root, m)}
    for path in _files(root / VOCABULARIES):
        if path not in ours and not path.name.startswith("."):
            yield Gap("A file of no vocabulary that the project has", path.relative_to(root).as_posix())


def _files(directory: Path) -> list[Path]:
    try:
        return sorted(p for p in directory.rglob("*") if p.is_file())
    except OSError as error:
        raise SsgError(f"Cannot list `{directory.name}`: {error.strerror}") from None


def _old_releases(project: Project, ledger: Ledger) -> Iterator[Gap]:
    """What was released under a text that the project no longer has: its SQL is in version control, not here."""
    current = {s.name: s.meaning for s in project.stats}
    earlier: dict[str, int] = {}
    for entry in ledger.entries:
        if entry.event == INTENT and current.get(entry.stat) != entry.meaning:
            earlier[entry.stat] = earlier.get(entry.stat, 0) + 1
    for name, number in sorted(earlier.items()):
        times = "once" if number == 1 else f"{number} times"
        what = "an earlier version of" if name in current else "a statistic that is gone,"
        yield Gap(
            f"The ledger says that {what} `{name}` was released {times}; its SQL is not in the project any more",
            "results/ledger.csv",
        )
    if ledger.flaws:
        yield Gap("The ledger does not hold: what was ever released cannot be told", "results/ledger.csv")
