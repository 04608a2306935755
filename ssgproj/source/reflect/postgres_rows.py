"""All catalog rows of one reflection, by what they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ssgproj.source.connect import SourceConnection
from ssgproj.source.reflect import postgres_catalog as catalog
from ssgproj.source.reflect.postgres_names import Names

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """The catalogs, read once. `schemas` are those to reflect; `owned` are the sequences of a column (table, number);
    `partitions` those right under a table; the relations of all others are here too, so that what
    points to them can be named. `notes` collects what people should know, `statements` what belongs to no table."""

    names: Names
    version: int
    schemas: Mapping[str, str | None]
    relations: Mapping[int, Row]
    columns: Mapping[int, list[Row]]
    constraints: Mapping[int, list[Row]]
    indexes: Mapping[int, list[Row]]
    statistics: Mapping[int, list[Row]]
    sequences: Mapping[int, Row]
    owned: Mapping[tuple[int, int], list[Row]]
    partitions: Mapping[int, list[Row]]
    left_out: Mapping[int, list[Row]]
    notes: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)

    def labels(self, table: int) -> dict[int, str]:
        """The names of a table's columns by number."""
        return {c["number"]: c["name"] for c in self.columns.get(table, ())}

    def sql(self, table: Row) -> str:
        """A relation's name as SQL."""
        return self.names.qualified(table["schema"], table["name"])

    def is_table(self, relation: Row) -> bool:
        """Whether it becomes a model of its own."""
        return relation["kind"] in ("r", "p") and relation["schema"] in self.schemas and not self.parent_of(relation)

    def parent_of(self, relation: Row) -> Row | None:
        """The partitioned table that it is a partition of, if that one is reflected."""
        if not relation["is_partition"]:
            return None
        parent = self.relations.get(relation["parents"][0])
        if parent is None:
            return None
        root = self.root_of(parent)
        return parent if root["schema"] in self.schemas else None

    def root_of(self, relation: Row) -> Row:
        """The partitioned table at the top."""
        while relation["is_partition"] and (parent := self.relations.get(relation["parents"][0])):
            relation = parent
        return relation

    def partitions_of(self, table: Row) -> list[Row]:
        """The partitions right under a table, by name."""
        return self.partitions.get(table["oid"], [])


def read(connection: SourceConnection, names: Names, version: int, schemas: Mapping[str, str | None]) -> Rows:
    """Ask the catalogs."""
    relations = {int(r["oid"]): r for r in catalog.relations(connection)}
    tables = [oid for oid, r in relations.items() if r["kind"] in ("r", "p", "f")]
    sequences = catalog.sequences(connection)
    owned: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for sequence in sequences:
        if sequence["table"] is not None:
            owned[sequence["table"], sequence["column"]].append(sequence)
    partitions: dict[int, list[Row]] = defaultdict(list)
    for relation in relations.values():  # by schema and name
        if relation["is_partition"]:
            partitions[relation["parents"][0]].append(relation)
    return Rows(
        names=names,
        version=version,
        schemas=schemas,
        relations=relations,
        columns=_by_table(catalog.columns(connection, tables, version)),
        constraints=_by_table(catalog.constraints(connection, tables, version)),
        indexes=_by_table(catalog.indexes(connection, tables, version)),
        statistics=_by_table(catalog.statistics(connection, tables)),
        sequences={int(s["oid"]): s for s in sequences},
        owned=dict(owned),
        partitions=dict(partitions),
        left_out=_by_table(catalog.left_out(connection, version)),
    )


def _by_table(rows: Sequence[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[int(row["table"])].append(row)
    return dict(found)
