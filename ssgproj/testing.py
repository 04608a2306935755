"""Helpers for tests of a project's own generators and stories.

```python
from ssgproj.testing import make_batch, tell

def test_users_browse_after_signing_up():
    told = tell("sign_ups")
    assert 10 <= len(told["sessions"]) <= 19

def test_plans_follow_seats():
    batch = make_batch(100, seed=1, columns={"seats": [5] * 100})
    ...
```
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from ssgproj.tell import tell

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Keys


__all__ = ["TestBatch", "TestKeys", "make_batch", "tell"]


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
class TestBatch:
    """Rows to fill, with seeded streams as in a run (but not the same values as any run)."""

    __test__ = False

    rows: int
    seed: int
    start: int
    columns: Mapping[str, pa.Array]
    parents: Mapping[str, Mapping[str, pa.Array]] = field(default_factory=dict)

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
) -> TestBatch:
    """A batch of `rows` rows, numbered from `start`. `columns` were filled before; `parents` are tables to refer to, by name and column."""
    import pyarrow as pa

    def arrays(values: Mapping[str, Sequence[Any]]) -> dict[str, pa.Array]:
        return {name: v if isinstance(v, pa.Array) else pa.array(v) for name, v in values.items()}

    filled = arrays(columns or {})
    for name, array in filled.items():
        if len(array) != rows:
            raise ValueError(f"column {name} has {len(array)} values for {rows} rows")
    return TestBatch(rows, seed, start, filled, {table: arrays(c) for table, c in (parents or {}).items()})
