"""What a run tells of itself, while it goes on and at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of one node. `asked` is the number of rows asked for, of a story that of tellings; `tables` are a story's rows by the node
    of their table."""

    node: str
    rows: int
    asked: int
    seconds: float
    notes: tuple[str, ...] = ()
    tables: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did. `first_pass` is greater than 0 when it went on after rows that were there."""

    nodes: tuple[NodeResult, ...]
    first_pass: int
    passes: int
    seconds: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Called while a run goes on. All do nothing by default."""

    started: Callable[[str, int], None] = lambda node, rows: None
    loaded: Callable[[str, int], None] = lambda node, rows: None
    finished: Callable[[NodeResult], None] = lambda result: None
    constraining: Callable[[], None] = lambda: None
