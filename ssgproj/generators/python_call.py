"""Functions of the project at work: contexts, calls and what comes back, as Arrow columns."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ssgproj.errors import SsgError
from ssgproj.generators.base import Reference, Target

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    import numpy as np
    import pyarrow as pa
    from mimesis import Generic
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch
    from ssgproj.generators.lookup import ReadColumn
    from ssgproj.generators.python_signature import Argument, Call, Signature
    from ssgproj.project.types import SqlType

BATCH_ONLY = ("rows",)
"""Parameters that ssg fills for `@batch` functions beside those of every function."""


class _Context:
    """What both contexts have. `random`, `numpy` and `generic` are made when they are first asked for: Mimesis takes a while."""

    __slots__ = ("_makers", "generic", "now", "numpy", "random", "stats")

    random: Random
    numpy: np.random.Generator
    generic: Generic
    now: datetime
    stats: Mapping[str, Any]

    def __init__(self, batch: Batch, locale: str, now: datetime, stats: Mapping[str, Any]) -> None:
        self.now = now
        self.stats = stats
        self._makers: dict[str, Callable[[], Any]] = {
            "random": batch.random,
            "numpy": partial(batch.rng, "numpy"),
            "generic": partial(_generic, batch, locale),
        }

    def __getattr__(self, name: str) -> Any:
        makers = object.__getattribute__(self, "_makers") if not name.startswith("_") else {}
        if name not in makers:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        made = makers[name]()
        setattr(self, name, made)
        return made


def _generic(batch: Batch, locale: str) -> Generic:
    from ssgproj.generators.mimesis_provider import generic

    return generic(locale, int(batch.rng("mimesis").integers(0, 2**62)))


class RowContext(_Context):
    """What a row function gets as `ctx`. The same object for every row of a batch, moved on from row to row."""

    __slots__ = ("columns", "row")

    row: int
    columns: dict[str, Any]

    def __init__(self, batch: Batch, locale: str, now: datetime, stats: Mapping[str, Any]) -> None:
        super().__init__(batch, locale, now, stats)
        self.row = 0
        self.columns = {}


class BatchContext(_Context):
    """What a `@batch` function gets as `ctx`: `columns` are Arrow arrays."""

    __slots__ = ("columns", "row_numbers", "rows")

    rows: int
    row_numbers: NDArray[np.int64]
    columns: Mapping[str, pa.Array]

    def __init__(
        self, batch: Batch, locale: str, now: datetime, stats: Mapping[str, Any], columns: Mapping[str, pa.Array]
    ) -> None:
        super().__init__(batch, locale, now, stats)
        self.rows = batch.rows
        self.row_numbers = batch.row_numbers
        self.columns = columns


def is_batch(function: Callable[..., Any]) -> bool:
    """Whether it is marked with `@batch`."""
    return bool(getattr(function, "__ssg_batch__", False))


def call_rows(
    function: Callable[..., Any], call: Call, arguments: Mapping[str, Any], ctx: RowContext, batch: Batch,
    columns: Mapping[str, pa.Array], uses: Sequence[str] = (),
) -> list[Any]:  # fmt: skip
    """What a row function returns, for every row. `columns` are those that arguments and `uses` name."""
    rows = batch.rows
    lists = {name: column.to_pylist() for name, column in columns.items()}

    def values(argument: Argument) -> Iterable[Any]:
        if argument.ssg == "ctx":
            return _moving(ctx, batch.row_numbers.tolist(), {name: lists[name] for name in uses})
        if argument.ssg is not None:
            return repeat(getattr(ctx, argument.ssg), rows)
        if argument.given is None:
            return repeat(argument.default, rows)
        return _per_row(arguments[argument.given], lists, rows)

    positional = [values(a) for a in call.positional]
    named = {a.name: values(a) for a in call.named}
    fixed = {name: next(iter(v), None) for name, v in named.items() if isinstance(v, repeat)}
    moving = {name: v for name, v in named.items() if name not in fixed}
    if fixed:
        function = partial(function, **fixed)
    if call.spread is None and not moving:
        return list(map(function, *positional)) if positional else [function() for _ in range(rows)]
    by_place = zip(*positional, strict=True) if positional else repeat((), rows)
    by_name: Iterable[Mapping[str, Any]] = repeat({}, rows)
    if len(moving) == 1:
        ((name, single),) = moving.items()
        by_name = ({name: v} for v in single)
    elif moving:
        by_name = (dict(zip(moving, v, strict=True)) for v in zip(*moving.values(), strict=True))
    if call.spread is None:
        return [function(*args, **kwargs) for args, kwargs in zip(by_place, by_name, strict=True)]
    spread = _per_row(arguments[call.spread], lists, rows)
    return [function(*p, *_items(more), **n) for p, more, n in zip(by_place, spread, by_name, strict=True)]


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _moving(ctx: RowContext, numbers: Sequence[int], lists: Mapping[str, Sequence[Any]]) -> Iterator[RowContext]:
    if not lists:
        for ctx.row in numbers:
            yield ctx
        return
    for number, *row in zip(numbers, *lists.values(), strict=True):
        ctx.row = number
        ctx.columns = dict(zip(lists, row, strict=True))
        yield ctx


def _per_row(value: Any, lists: Mapping[str, Sequence[Any]], rows: int) -> Iterable[Any]:
    """A value for each row: the column's, or the same one again, or a list or mapping that holds columns."""
    if isinstance(value, Reference):
        return lists[value.name]
    if not has_columns(value):
        return repeat(value, rows)
    if isinstance(value, Mapping):
        keys = tuple(value)
        return [
            dict(zip(keys, row, strict=True))
            for row in zip(*(_per_row(v, lists, rows) for v in value.values()), strict=True)
        ]
    return [list(row) for row in zip(*(_per_row(v, lists, rows) for v in value), strict=True)]


def has_columns(value: Any) -> bool:
    """Whether a reference to a column is anywhere in it."""
    if isinstance(value, Mapping):
        return any(map(has_columns, value.values()))
    return any(map(has_columns, value)) if isinstance(value, list | tuple) else isinstance(value, Reference)


def column_names(value: Any) -> Iterator[str]:
    """The columns that an argument refers to."""
    if isinstance(value, Reference):
        if value.kind == "column":
            yield value.name
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from column_names(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from column_names(item)


def call_batch(
    function: Callable[..., Any], call: Call, arguments: Mapping[str, Any], ctx: BatchContext,
    columns: Mapping[str, pa.Array],
) -> Any:  # fmt: skip
    """What a `@batch` function returns."""

    def value(argument: Argument) -> Any:
        if argument.ssg == "ctx":
            return ctx
        if argument.ssg is not None:
            return getattr(ctx, argument.ssg)
        return argument.default if argument.given is None else _arrays(arguments[argument.given], columns)

    spread = _items(_arrays(arguments[call.spread], columns)) if call.spread else ()
    return function(*(value(a) for a in call.positional), *spread, **{a.name: value(a) for a in call.named})


def _arrays(value: Any, columns: Mapping[str, pa.Array]) -> Any:
    if isinstance(value, Reference):
        return columns[value.name]
    if isinstance(value, Mapping):
        return {k: _arrays(v, columns) for k, v in value.items()}
    return [_arrays(v, columns) for v in value] if isinstance(value, list | tuple) else value


def assigned(function: Callable[..., Any], arguments: Mapping[str, Any], text: Signature | None, name: str) -> Call:
    """How the function is to be called. Raises SsgError if the arguments do not fit."""
    from ssgproj.generators.python_signature import signature_of
    from ssgproj.project.suggest import suggestion

    signature = signature_of(function, text)
    call, faults = signature.assign(list(arguments), BATCH_ONLY if is_batch(function) else ())
    if faults:
        first = faults[0]
        hint = suggestion(first.argument, signature.names, sort=False) if first.argument else "write it in `arguments:`"
        raise SsgError(f"`{name}` {first.message}", hint)
    return call


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
    signature: Signature | None = None
    reads: tuple[tuple[str, ReadColumn], ...] = ()
    """The columns that arguments and `uses` name, by how they name them."""

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        from ssgproj.generators.mimesis_provider import frozen_clock
        from ssgproj.generators.python_source import load_function, on_path

        function = load_function(self.root, self.function)
        call = assigned(function, self.arguments, self.signature, self.function)
        # A list that the function changes is whole again in the next batch, so that rows do not depend on the order of work.
        arguments = copy.deepcopy(dict(self.arguments))
        columns = {name: read.values(batch) for name, read in self.reads}
        shared = (batch, self.locale, self.now, self.stats)
        with frozen_clock(self.now), on_path(self.root.resolve()), named_failures(self.function, self.root):
            if is_batch(function):
                used = {name: columns[name] for name in self.uses}
                made = call_batch(function, call, arguments, BatchContext(*shared, used), columns)
                parts = self._batch_columns(made)
            else:
                made = call_rows(function, call, arguments, RowContext(*shared), batch, columns, self.uses)
                parts = self._row_columns(made)
        return [self._fit(part, target, batch.rows) for part, target in zip(parts, self.targets, strict=True)]

    def _row_columns(self, made: list[Any]) -> list[Any]:
        names = [t.name for t in self.targets]
        if len(names) == 1:
            (single,) = names
            return [[m[single] if isinstance(m, Mapping) and set(m) == {single} else m for m in made]]
        if not made:
            return [[] for _ in names]
        expected = set(names)
        rows: list[Sequence[Any]] = []
        for row in made:
            if isinstance(row, Mapping):
                if row.keys() != expected:
                    self._wrong_names(row)
                rows.append([row[n] for n in names])
            elif isinstance(row, tuple | list) and len(row) == len(names):
                rows.append(row)
            else:
                raise SsgError(
                    f"`{self.function}` does not return one value for each of {len(names)} columns",
                    f"return {', '.join(names)}",
                )
        return list(zip(*rows, strict=True))

    def _wrong_names(self, row: Iterable[Any]) -> None:
        from ssgproj.project.suggest import suggestion

        names, given = [t.name for t in self.targets], [str(n) for n in row]
        for name in names:
            if name not in given:
                raise SsgError(f"`{self.function}` returns nothing for column `{name}`", f"return {', '.join(names)}")
        other = next((n for n in given if n not in names), "")
        raise SsgError(f"`{self.function}` returns `{other}`, which it does not fill", suggestion(other, names))

    def _batch_columns(self, made: Any) -> list[Any]:
        names = [t.name for t in self.targets]
        by_name = columns_by_name(made)
        if by_name is not None:
            if set(by_name) != set(names):
                self._wrong_names(by_name)
            return [by_name[n] for n in names]
        if len(names) == 1:
            return [made[0] if isinstance(made, tuple) and len(made) == 1 and hasattr(made[0], "__len__") else made]
        if not isinstance(made, Iterable) or isinstance(made, str | bytes):
            raise SsgError(
                f"`{self.function}` returns `{type(made).__name__}`, not {len(names)} columns",
                f"return {', '.join(names)}",
            )
        parts = list(made)
        if len(parts) != len(names):
            raise SsgError(
                f"`{self.function}` returns {len(parts)} columns for {len(names)}", f"return {', '.join(names)}"
            )
        return parts

    def _fit(self, part: Any, target: Target, rows: int) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        if not isinstance(part, Iterable) or isinstance(part, str | bytes | Mapping):
            raise SsgError(
                f"`{self.function}` returns `{type(part).__name__}` for a batch, not a column",
                "return a list or an array",
            )
        values = part if isinstance(part, pa.Array | pa.ChunkedArray | np.ndarray) else list(part)
        if len(values) != rows:
            raise SsgError(
                f"`{self.function}` returns {len(values)} values for {rows} rows",
                "return a value for each of `ctx.rows`",
            )
        try:
            return _cast(
                values.tolist() if isinstance(values, np.ndarray) and values.dtype == object else values, target.type
            )
        except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
            own = isinstance(error, ValueError) and not isinstance(error, pa.ArrowException)
            message = f"`{self.function}` returns a value that column `{target.name}` of type `{target.type.text}` cannot hold"
            raise SsgError(f"{message}: {error if own else 'wrong type'}", "convert it in the function") from None


def columns_by_name(made: Any) -> Mapping[str, Any] | None:
    """The columns of a mapping, an Arrow table or a data frame."""
    if isinstance(made, Mapping):
        return made
    names = getattr(made, "column_names", None)
    if names is not None and hasattr(made, "column"):
        return {name: made.column(name) for name in names}
    frame = getattr(made, "columns", None)
    return {str(name): made[name] for name in frame} if frame is not None and hasattr(made, "iloc") else None


def _cast(values: Any, t: SqlType) -> pa.Array:
    """Lists of plain numbers and dates at once; what Arrow does not take for one type is looked at one by one."""
    import pyarrow as pa

    from ssgproj.generators.arrow import cast_to

    if isinstance(values, list):
        try:
            array = pa.array(values)
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            return cast_to(values, t)
        kind = array.type
        quick = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
        if quick or pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            return cast_to(array, t)
    return cast_to(values, t)


@contextmanager
def named_failures(function: str, root: Path) -> Iterator[None]:
    """Failures of a user's function, with the line where they happened and without any value."""
    from ssgproj.generators.python_source import failure_place

    try:
        yield
    except SsgError:
        raise
    except Exception as error:
        place = failure_place(error, root.resolve())
        said = f" at {place}" if place else ""
        raise SsgError(
            f"`{function}` failed with {type(error).__name__}{said}",
            "call it in a test with `ssgproj.testing.call_generator`",
        ) from None
