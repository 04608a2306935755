"""What the checks of the clauses share: the query with its columns, and the causes they find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ssgproj.project.smartnoise import tree
from ssgproj.project.stat_header import StatColumn

MANY_VALUES = 64
"""A whole-number key with more possible values than this leaves few people to each group."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason, at `text[start:end]` of SmartNoise's half. `about` names what stands there; `instead` what to write, if it is known."""

    kind: str
    start: int
    end: int
    about: str = ""
    instead: str = ""


@dataclass(frozen=True)
class DpQuery:
    """A query and the columns it may use. `never_null`: columns that are known to hold no NULL."""

    query: tree.Query
    columns: Mapping[str, StatColumn]
    never_null: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def types(self) -> dict[str, str]:
        return {name: c.type for name, c in self.columns.items() if c.type}

    @cached_property
    def private_ids(self) -> frozenset[str]:
        return frozenset(name for name, c in self.columns.items() if c.private_id)

    @cached_property
    def group_keys(self) -> set[tuple[object, ...]]:
        return {k.key() for k in self.query.group}

    @cached_property
    def grouped_columns(self) -> set[str]:
        """Columns that are a key by themselves: SmartNoise does not clamp these."""
        return {k.name for k in self.query.group if isinstance(k, tree.Column)}

    @cached_property
    def output_names(self) -> set[str]:
        return {o.name.lower() for o in self.query.outputs if o.name}

    @cached_property
    def output_values(self) -> set[tuple[object, ...]]:
        return {o.value.key() for o in self.query.outputs}

    def text(self, node: tree.Node) -> str:
        """The node as it is written, on one line."""
        return " ".join(self.query.text[node.start : node.end].split())

    def cause(self, kind: str, node: tree.Node, about: str | None = None, instead: str = "") -> Cause:
        return Cause(kind, node.start, node.end, about if about is not None else self.text(node), instead)

    def column_causes(self, node: tree.Column, *, qualified: bool = False) -> Iterator[Cause]:
        """What is wrong with a column's name where it stands. `qualified`: a qualifier may stand there (WHERE)."""
        if node.quoted:
            inside = node.name.strip('"')
            works = qualified and node.name == f'"{inside}"' and inside in self.columns
            yield self.cause("quoted-here" if works else "quoted-name", node, instead=inside)
            return
        if node.qualifier is not None:
            table = self.query.table
            known = {table.alias if table is not None and table.alias else "query_result"}
            if not qualified:
                yield self.cause("qualified", node, instead=node.name)
            elif node.qualifier not in known:
                yield self.cause("unknown-qualifier", node, node.qualifier, node.name)
        if node.name not in self.columns:
            yield self.cause("unknown-column", node, node.name)

    def is_private_id(self, node: tree.Node) -> bool:
        return any(isinstance(n, tree.Column) and n.name in self.private_ids for n in node.walk())


def strip(node: tree.Node) -> tree.Node:
    """The node without brackets around it."""
    while isinstance(node, tree.Brackets):
        node = node.inner
    return node


def has_aggregate(node: tree.Node) -> bool:
    return any(isinstance(n, tree.Aggregate) for n in node.walk())


def has_column(node: tree.Node) -> bool:
    return any(isinstance(n, tree.Column) for n in node.walk())


def unreadable(node: tree.Node) -> bool:
    """Whether the parser has already reported a part of this."""
    return any(isinstance(n, tree.Unreadable) for n in node.walk())


TEXT_RESULTS = frozenset({"ROUND", "TRUNC", "TRUNCATE", "IIF", "CHOOSE", "EXTRACT"})
"""Functions whose type SmartNoise does not know, so that their values come back as text."""

CONDITIONS = (tree.Compare, tree.Logical, tree.Not, tree.Between, tree.In, tree.Is)
