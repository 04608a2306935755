"""Helpers for tests of a project's own generators and stories.

```python
from generators.plans import plan
from ssgproj.testing import call_generator, tell

def test_users_browse_after_signing_up():
    told = tell("sign_ups")
    assert 10 <= len(told["sessions"]) <= 19

def test_large_teams_are_on_pro():
    assert set(call_generator(plan, {"seats": "column.seats"}, columns={"seats": [50] * 100})) == {"pro"}
```
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

from ssgproj.tell import tell

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Keys
    from ssgproj.generators.world import Siblings


__all__ = ["TestBatch", "TestKeys", "call_generator", "make_batch", "tell"]


@dataclass(frozen=True, slots=True)
class TestKeys:
    """The keys of a parent table, from columns at hand."""

    __test__ = False

    columns: tuple[pa.Array, ...]

    @property
    def size(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def take(self, index: NDArray[np.int64]) -> Sequence[pa.Array]:
        import pyarrow as pa

        return [column.take(pa.array(index)) for column in self.columns]


@dataclass(frozen=True, slots=True)
class TestWorld:
    """The tables that a batch's rows refer to, from columns at hand."""

    __test__ = False

    parents: Mapping[str, Mapping[str, pa.Array]]

    def keys(self, node: str, columns: tuple[str, ...]) -> TestKeys:
        table = self.parents[node.partition(".")[2]]
        return TestKeys(tuple(table[c] for c in columns))

    def node_of(self, table: str) -> str:
        return f"model.{table}"

    def parent_values(
        self,
        node: str,
        key: tuple[str, ...],
        columns: tuple[str, ...],
        values: Sequence[pa.Array],
        numbers: NDArray[np.int64] | None = None,
    ) -> list[pa.Array]:
        import pyarrow as pa

        from ssgproj.engine.parent_rows import ParentRows

        return ParentRows.of(pa.table(dict(self.parents[node.partition(".")[2]])), key).values(columns, values)


@dataclass(frozen=True, slots=True)
class TestBatch:
    """Rows to fill, with seeded streams as in a run (but not the same values as any run)."""

    __test__ = False

    rows: int
    seed: int
    start: int
    columns: Mapping[str, pa.Array]
    parents: Mapping[str, Mapping[str, pa.Array]] = field(default_factory=dict)
    siblings: Siblings | None = None

    @property
    def world(self) -> TestWorld:
        return TestWorld(self.parents)

    @property
    def row_numbers(self) -> NDArray[np.int64]:
        import numpy as np

        return np.arange(self.start, self.start + self.rows, dtype=np.int64)

    def rng(self, purpose: str = "") -> np.random.Generator:
        import numpy as np

        return np.random.Generator(np.random.Philox(self._key(purpose)))

    def random(self, purpose: str = "") -> Random:
        return Random(self._key(purpose))  # noqa: S311 - synthetic values, not secrets

    def column(self, name: str) -> pa.Array:
        return self.columns[name]

    def taken(self, columns: tuple[str, ...]) -> None:
        """Nothing is known of parents but their keys."""
        return

    def parent(self, table: str, columns: tuple[str, ...]) -> Keys:
        return TestKeys(tuple(self.parents[table][c] for c in columns))

    def _key(self, purpose: str) -> int:
        return int.from_bytes(hashlib.blake2b(f"{self.seed}/{self.start}/{purpose}".encode(), digest_size=8).digest())


def make_batch(
    rows: int,
    seed: int = 0,
    columns: Mapping[str, Sequence[Any]] | None = None,
    parents: Mapping[str, Mapping[str, Sequence[Any]]] | None = None,
    start: int = 0,
    per_parent: Sequence[int] | None = None,
) -> TestBatch:
    """A batch of `rows` rows, numbered from `start`. `columns` were filled before; `parents` are tables to refer to, by name and column.

    `per_parent` are the numbers of rows of one parent after the other, in tables whose rows are counted so.
    """
    import pyarrow as pa

    def arrays(values: Mapping[str, Sequence[Any]]) -> dict[str, pa.Array]:
        return {name: v if isinstance(v, pa.Array) else pa.array(v) for name, v in values.items()}

    filled = arrays(columns or {})
    for name, array in filled.items():
        if len(array) != rows:
            raise ValueError(f"column {name} has {len(array)} values for {rows} rows")
    tables = {table: arrays(c) for table, c in (parents or {}).items()}
    return TestBatch(rows, seed, start, filled, tables, None if per_parent is None else _siblings(per_parent, rows))


def call_generator(
    function: Callable[..., Any],
    arguments: Mapping[str, Any] | None = None,
    *,
    rows: int | None = None,
    columns: Mapping[str, Sequence[Any]] | None = None,
    uses: Sequence[str] = (),
    stats: Mapping[str, Any] | None = None,
    seed: int = 0,
    start: int = 0,
    locale: str = "en",
    now: datetime = datetime(2025, 1, 1),
) -> Any:
    """What a row function or a `@batch` function of the project returns when it is called as in a run.

    `arguments` are as in a model, with values in the place of `stat.` and `var.`; `column.NAME` is one of `columns`. What is called `ctx`,
    `random`, `generic` or `numpy` is filled as in a run. For a row function the list of what it returns for each of `rows` rows (default:
    as many as the columns have, else 1); for a `@batch` function its columns as lists: one list, a tuple of them or a mapping.
    Exceptions of the function come through. Raises SsgError if the arguments do not fit its parameters.
    """
    import pyarrow as pa

    from ssgproj.generators import python_call as calls
    from ssgproj.generators.mimesis_provider import frozen_clock
    from ssgproj.generators.options import read_value, with_columns

    given = {name: with_columns(read_value(value, Any)) for name, value in (arguments or {}).items()}
    given = {name: _lists(value) for name, value in given.items()}
    count = rows if rows is not None else len(next(iter(columns.values()))) if columns else 1
    batch = make_batch(count, seed, columns, start=start)
    name = getattr(function, "__qualname__", str(function))
    missing = [c for value in given.values() for c in calls.column_names(value) if c not in batch.columns]
    if missing or set(uses) - set(batch.columns):
        absent = missing[0] if missing else sorted(set(uses) - set(batch.columns))[0]
        raise ValueError(f"columns has no {absent}")
    call = calls.assigned(function, given, None, name)
    shared = (batch, locale, now, stats or {})
    with frozen_clock(now):
        if not calls.is_batch(function):
            used = tuple(uses) or tuple(batch.columns)
            return calls.call_rows(function, call, given, calls.RowContext(*shared), batch, batch.columns, used)
        made = calls.call_batch(function, call, given, calls.BatchContext(*shared, batch.columns), batch.columns)

    def listed(column: Any) -> Any:
        if isinstance(column, pa.Array | pa.ChunkedArray):
            return column.to_pylist()
        return column.tolist() if hasattr(column, "tolist") else list(column)

    if isinstance(made, tuple):
        return tuple(map(listed, made))
    by_name = calls.columns_by_name(made)
    return listed(made) if by_name is None else {n: listed(c) for n, c in by_name.items()}


def _lists(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_lists(v) for v in value]
    return {k: _lists(v) for k, v in value.items()} if isinstance(value, Mapping) else value


def _siblings(per_parent: Sequence[int], rows: int) -> Siblings:
    import numpy as np

    from ssgproj.generators.world import Siblings

    counts = np.asarray(per_parent, dtype=np.int64)
    if counts.sum() != rows:
        raise ValueError(f"the parents have {counts.sum()} rows, the batch has {rows}")
    starts = np.cumsum(counts) - counts
    return Siblings(
        np.repeat(np.arange(len(counts)), counts),
        np.arange(rows) - np.repeat(starts, counts),
        np.repeat(counts, counts),
    )
