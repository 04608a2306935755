"""`python`: a function of the project's own.

```python
from ssgproj.generators.python import BatchContext, RowContext, batch

def plan(ctx: RowContext) -> str:
    return "pro" if ctx.columns["seats"] > 10 else ctx.random.choice(["free", "basic"])

@batch
def scores(ctx: BatchContext) -> list[float]:
    return ctx.numpy.normal(50, 10, ctx.rows)
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from ssgproj.errors import SsgError
from ssgproj.generators.base import BindContext, Problem, Target
from ssgproj.generators.options import check_options, option

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    import numpy as np
    import pyarrow as pa
    from mimesis import Generic
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch, Generator

_Function = TypeVar("_Function", bound=Callable[..., Any])


def batch(function: _Function) -> _Function:
    """Mark a function that makes the values of a whole batch: it gets a `BatchContext` and returns one sequence (or array) of
    `ctx.rows` values per column; for several columns a tuple of them, or a mapping by column name."""
    function.__ssg_batch__ = True  # type: ignore[attr-defined]
    return function


@dataclass(frozen=True, slots=True)
class Python:
    """A function in a Python file of the project, called once per row as `function(ctx)`, or once per batch if marked with `@batch`.

    `generators.dates.booking` is the function `booking` in `generators/dates.py`. `ctx.random` (Python's), `ctx.generic` (Mimesis)
    and `ctx.numpy` are seeded; `ctx.columns` holds the columns named in `uses`; `ctx.row` is the row's number; `ctx.now` the
    project's present. For several columns the function returns a tuple, or a mapping by column name. None is NULL.

    ```yaml
    generate: {python: generators.dates.booking, uses: [created_on]}
    ```
    """

    kind: ClassVar[str] = "python"

    function: str = option("`module.function`, from the project's root.")
    arguments: Mapping[str, Any] | None = option("Keyword arguments for the function.", None)
    uses: tuple[Any, ...] | str = option("Columns filled before, which the function reads.", ())

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.python_source import check_function

        yield from check_options(self, context)
        yield from check_function(context.root, self.function, self.arguments or {})

    def bind(self, context: BindContext) -> Generator:
        return PythonGenerator(
            context.targets, context.root, self.function, dict(self.arguments or {}), tuple(self.needs(())), context.now,
            context.locale, dict(context.stats),
        )  # fmt: skip

    def needs(self, columns: Any) -> Sequence[str]:
        """The columns that have to be filled before."""
        return [self.uses] if isinstance(self.uses, str) else [str(c) for c in self.uses]


@dataclass(slots=True)
class RowContext:
    """What a row function gets. The same object for every row of a batch, moved on from row to row."""

    random: Random
    numpy: np.random.Generator
    generic: Generic
    now: datetime
    stats: Mapping[str, Any]
    row: int = 0
    columns: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BatchContext:
    """What a `@batch` function gets: `columns` are Arrow arrays."""

    rows: int
    row_numbers: NDArray[np.int64]
    random: Random
    numpy: np.random.Generator
    generic: Generic
    now: datetime
    stats: Mapping[str, Any]
    columns: Mapping[str, pa.Array]


@dataclass(frozen=True, slots=True)
class PythonGenerator:
    """Calls the project's function. It is imported where it runs, not before. Raises SsgError with the function's place when it fails."""

    per_row: ClassVar[bool] = True
    """Runs Python for every row, so that threads would wait for one another."""

    targets: tuple[Target, ...]
    root: Path
    function: str
    arguments: Mapping[str, Any]
    uses: tuple[str, ...]
    now: datetime
    locale: str
    stats: Mapping[str, Any]

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        from ssgproj.generators.mimesis_provider import generic
        from ssgproj.generators.python_source import load_function

        function = load_function(self.root, self.function)
        seed = int(batch.rng("mimesis").integers(0, 2**62))
        shared = (batch.random(), batch.rng("numpy"), generic(self.locale, seed), self.now, self.stats)
        columns = {name: batch.column(name) for name in self.uses}
        with _named_failures(self.function):
            if getattr(function, "__ssg_batch__", False):
                made = function(BatchContext(batch.rows, batch.row_numbers, *shared, columns), **self.arguments)
                parts = self._split(made)
            else:
                parts = self._rows(function, RowContext(*shared), columns, batch)
        return self._fit(parts, batch.rows)

    def _rows(
        self, function: Callable[..., Any], ctx: RowContext, columns: Mapping[str, pa.Array], batch: Batch
    ) -> list[Any]:
        values = {name: column.to_pylist() for name, column in columns.items()}
        made = []
        for position, number in enumerate(batch.row_numbers.tolist()):
            ctx.row = number
            ctx.columns = {name: column[position] for name, column in values.items()}
            made.append(function(ctx, **self.arguments))
        if len(self.targets) == 1:
            single = self.targets[0].name
            return [[m[single] if isinstance(m, Mapping) and set(m) == {single} else m for m in made]]
        names = [t.name for t in self.targets]
        rows = [[m.get(n) for n in names] if isinstance(m, Mapping) else list(m) for m in made]
        if any(len(row) != len(names) for row in rows):
            raise SsgError(
                f"`{self.function}` does not return one value for each of {len(names)} columns",
                f"return {', '.join(names)}",
            )
        return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in names]

    def _split(self, made: Any) -> list[Any]:
        if isinstance(made, Mapping):
            return [made[t.name] for t in self.targets]
        if len(self.targets) == 1:
            return [made[0] if isinstance(made, tuple) and len(made) == 1 and hasattr(made[0], "__len__") else made]
        return list(made)

    def _fit(self, parts: Sequence[Any], rows: int) -> list[pa.Array]:
        import numpy as np
        import pyarrow as pa

        from ssgproj.generators.arrow import cast_to

        if len(parts) != len(self.targets):
            raise SsgError(
                f"`{self.function}` returns {len(parts)} columns for {len(self.targets)}", "return one for each column"
            )
        result = []
        for part, target in zip(parts, self.targets, strict=True):
            values = part if isinstance(part, pa.Array | pa.ChunkedArray | np.ndarray) else list(part)
            if len(values) != rows:
                raise SsgError(
                    f"`{self.function}` returns {len(values)} values for {rows} rows", "return `ctx.rows` values"
                )
            try:
                array = cast_to(
                    values.tolist() if isinstance(values, np.ndarray) and values.dtype == object else values,
                    target.type,
                )
            except (ValueError, TypeError, pa.ArrowException) as error:
                reason = (
                    str(error)
                    if isinstance(error, ValueError) and not isinstance(error, pa.ArrowException)
                    else "wrong type"
                )
                message = f"`{self.function}` returns a value that column `{target.name}` of type `{target.type.text}` cannot hold"
                raise SsgError(f"{message}: {reason}", "convert it in the function") from None
            result.append(array)
        return result


class _named_failures:  # noqa: N801 - used as a statement
    """Failures of a user's function, with the line where they happened and without any value."""

    def __init__(self, function: str) -> None:
        self.function = function

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, SsgError):
            return
        import traceback

        last = traceback.extract_tb(trace)[-1]
        raise SsgError(
            f"`{self.function}` failed with {type(error).__name__} at {Path(last.filename).name}:{last.lineno}",
            "call it in a test with `ssgproj.testing.make_batch`",
        ) from None
