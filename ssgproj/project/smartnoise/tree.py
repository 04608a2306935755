"""The tree of a SmartNoise query. Every node knows its place, `[start, end)` in the text of the query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the query, at `text[start:end]`. Places take no part in comparisons: equal nodes are written the same."""

    start: int
    end: int

    def children(self) -> Iterator[Node]:
        for f in fields(self):
            yield from _nodes(getattr(self, f.name))

    def walk(self) -> Iterator[Node]:
        """This node and all below it, outermost first."""
        yield self
        for child in self.children():
            yield from child.walk()

    def key(self) -> tuple[Any, ...]:
        """What the node says, without places: two nodes with one key are the same expression to SmartNoise."""
        return (
            type(self).__name__,
            *(_key(getattr(self, f.name)) for f in fields(self) if f.name not in ("start", "end")),
        )


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


def _key(value: Any) -> Any:
    if isinstance(value, Node):
        return value.key()
    if isinstance(value, tuple):
        return tuple(_key(v) for v in value)
    return value


@dataclass(frozen=True, slots=True)
class Column(Node):
    """`name`, or `qualifier.name`. `quoted`: written with quotes, which are part of `name`."""

    name: str
    qualifier: str | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Number(Node):
    text: str

    @property
    def is_int(self) -> bool:
        return self.text.lstrip("-").isdigit()

    @property
    def value(self) -> float:
        return float(self.text)


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A string; `text` with its quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    pass


@dataclass(frozen=True, slots=True)
class Star(Node):
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    left: Node
    op: str
    right: Node


@dataclass(frozen=True, slots=True)
class Brackets(Node):
    inner: Node


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`whens` are pairs of condition and value; with an `operand` the conditions are values compared with it."""

    operand: Node | None
    whens: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


@dataclass(frozen=True, slots=True)
class Cast(Node):
    inner: Node
    type: str


@dataclass(frozen=True, slots=True)
class Function(Node):
    """Anything called that is not an aggregate. `name` in upper case; `form` is the rest of its way of writing (`FROM`, `IN`)."""

    name: str
    args: tuple[Node, ...]
    form: str = ""


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """An aggregate, also one that SmartNoise does not answer. `quantifier` is `DISTINCT`, `ALL` or empty."""

    name: str
    quantifier: str
    args: tuple[Node, ...]

    @property
    def argument(self) -> Node | None:
        return self.args[0] if len(self.args) == 1 else None


@dataclass(frozen=True, slots=True)
class Compare(Node):
    left: Node
    op: str
    right: Node


@dataclass(frozen=True, slots=True)
class Logical(Node):
    """`AND` or `OR` of two or more."""

    op: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    inner: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    inner: Node
    lower: Node
    upper: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class In(Node):
    inner: Node
    items: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Is(Node):
    """`IS [NOT] NULL`, `TRUE` or `FALSE`."""

    inner: Node
    what: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Unreadable(Node):
    """What SmartNoise cannot read, already reported as a `Problem`."""


@dataclass(frozen=True, slots=True)
class Output(Node):
    """One item of the SELECT list. `alias` as it is written, with its place; None if there is none."""

    value: Node
    alias: str | None
    alias_start: int
    alias_end: int

    @property
    def name(self) -> str | None:
        """The name of the output column; None for an expression without an alias (SmartNoise calls it `???`)."""
        if self.alias is not None:
            return self.alias
        return self.value.name if isinstance(self.value, Column) else None


@dataclass(frozen=True, slots=True)
class SortKey(Node):
    value: Node
    descending: bool


@dataclass(frozen=True, slots=True)
class Table(Node):
    """What the query reads. `name` as written, with any schema."""

    name: str
    alias: str | None
    quoted: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that SmartNoise cannot read. `kind` says what, for the rule that explains it; `text` is what stands there."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. Where `problems` is not empty the rest is what could be made out."""

    text: str
    outputs: tuple[Output, ...] = ()
    table: Table | None = None
    where: Node | None = None
    group: tuple[Node, ...] = ()
    having: Node | None = None
    order: tuple[SortKey, ...] = ()
    limit: Number | None = None
    quantifier: str = ""
    quantifier_place: tuple[int, int] = (0, 0)
    problems: tuple[Problem, ...] = ()

    def nodes(self) -> Iterator[Node]:
        """Every node of every clause."""
        parts: tuple[Node | None, ...] = (*self.outputs, self.where, *self.group, self.having, *self.order)
        for part in parts:
            if part is not None:
                yield from part.walk()
