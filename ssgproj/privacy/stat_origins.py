"""What each released column of a statistic takes from the source, through both halves of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ssgproj.privacy.origins import Origins, SourceColumn, query_origins
from ssgproj.privacy.people import PEOPLE, sent_query
from ssgproj.project.smartnoise import tree

if TYPE_CHECKING:
    from ssgproj.privacy.lineage import Tables
    from ssgproj.project.stat import Stat

PERSON = "per person"
"""Stands beside SQL's clauses: the column by which SmartNoise or ssg tells people apart."""


@dataclass(frozen=True, slots=True)
class StatOrigins:
    """`draws`: by released column, the source columns that its values are made of. `filters`: what decides which rows count, with the
    clauses. `read` is every column that the file names. `problem` says why the SQL could not be read; all else is empty then."""

    draws: Mapping[str, frozenset[SourceColumn]] = field(default_factory=dict)
    filters: Mapping[SourceColumn, tuple[str, ...]] = field(default_factory=dict)
    read: frozenset[SourceColumn] = frozenset()
    tables: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    problem: str | None = None


def stat_origins(stat: Stat, tables: Tables) -> StatOrigins:
    """The origins of a statistic as it is sent: without differential privacy, with the count of people that ssg adds."""
    project = tables.project
    try:
        if not stat.readable:
            raise ValueError("the query for the source and the query for SmartNoise cannot be told apart")
        sent = sent_query(stat, project.settings.privacy.unit, project.models)
        origins = query_origins(sent, stat.dialect, tables)
    except ValueError as error:
        return StatOrigins(problem=str(error.args[0]) if error.args else "the SQL cannot be read")
    if not stat.private:
        draws = {n: found for n, found in origins.outputs.items() if n != PEOPLE}
        filters = _with(origins.filters, origins.outputs.get(PEOPLE, frozenset()), PERSON)
        return StatOrigins(draws, filters, origins.read, origins.tables, origins.unknown)
    if stat.query is None or stat.query.problems:
        return StatOrigins(problem="SmartNoise cannot read the final SELECT")
    return _second_half(stat, stat.query, origins)


def _second_half(stat: Stat, query: tree.Query, origins: Origins) -> StatOrigins:
    """The DP query reads `query_result` alone, so its columns' origins are those of what it names."""
    folded = {name.casefold(): found for name, found in origins.outputs.items()}
    unknown = dict.fromkeys(origins.unknown)
    outputs: dict[str, frozenset[SourceColumn]] = {}

    def of(*nodes: tree.Node | None) -> frozenset[SourceColumn]:
        found: set[SourceColumn] = set()
        for column in (n for node in nodes if node is not None for n in node.walk() if isinstance(n, tree.Column)):
            name = column.name.strip('"').casefold()
            if name in folded:
                found |= folded[name]
            elif (output := next((o for o in outputs if o.casefold() == name), None)) is not None:
                found |= outputs[output]
            else:
                unknown[column.name] = None
                found.add(SourceColumn("", column.name, known=False))
        return frozenset(found)

    for i, output in enumerate(query.outputs, 1):
        outputs[output.name or f"column {i}"] = of(output.value)
    filters = origins.filters
    filters = _with(filters, of(query.where), "WHERE")
    filters = _with(filters, of(*query.group), "GROUP BY")
    filters = _with(filters, of(query.having), "HAVING")
    if query.limit is not None:
        filters = _with(filters, of(*query.order), "ORDER BY")
    person = stat.private_id
    if person is not None:
        filters = _with(filters, folded.get(person.name.casefold(), frozenset()), PERSON)
    return StatOrigins(outputs, filters, origins.read, origins.tables, tuple(unknown))


def _with(
    filters: Mapping[SourceColumn, tuple[str, ...]], columns: frozenset[SourceColumn], clause: str
) -> Mapping[SourceColumn, tuple[str, ...]]:
    more = dict(filters)
    for column in columns:
        more[column] = tuple(dict.fromkeys((*more.get(column, ()), clause)))
    return dict(sorted(more.items()))
