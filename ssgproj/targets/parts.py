"""The contract of destinations that several processes or machines fill together.

Each part of a table is put by whoever made it, whole or not at all, and putting it again changes nothing. The session of one process takes
the parts over in the end, so that nothing of them is seen before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ssgproj.targets.base import Session

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.project.model import Model
    from ssgproj.targets.base import Existing, Schema


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a part: its rows, and where the destination keeps files, their names and sizes."""

    rows: int
    files: tuple[tuple[str, int], ...] = ()


class PartStore(Protocol):
    """Where parts are put. Picklable: every worker has it."""

    def prepare(self, schema: Schema, models: Sequence[Model]) -> None:
        """Make room for the parts of these models, unless there is."""
        ...

    def discard(self) -> None:
        """Give up what was put, by this run and by earlier ones in the same workspace."""
        ...

    def put(self, part: str, model: Model, batches: Iterator[pa.RecordBatch], rows_a_file: int | None) -> Stored:
        """Keep the rows of a part of this name, of which there is one in the run. All in one file, or `rows_a_file` in each."""
        ...

    def holds(self, part: str, stored: Stored) -> bool:
        """Whether the part is still there as it was put."""
        ...


class PartsSession(Session, Protocol):
    """A session that can take parts over."""

    def adopt(self, model: Model, store: PartStore, parts: Sequence[tuple[str, Stored]]) -> None:
        """Append the rows of these parts to a table, in their order."""
        ...


@runtime_checkable
class PartsDestination(Protocol):
    """A destination that can be filled in parts."""

    def workspace(self, root: Path) -> Path:
        """The directory where a run keeps what it has made so far, which all machines must see. `root` is the project's."""
        ...

    def store(self, place: Path) -> PartStore:
        """Of the run that has this directory of the workspace."""
        ...

    def standing(self, schema: Schema) -> Mapping[str, Existing | None]:
        """What the tables hold, by node, without keeping anybody else out."""
        ...
