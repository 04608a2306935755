"""What authors of stories import: `story`, `Row` and `StoryContext`.

```python
from collections.abc import Generator
from ssgproj.stories import Row, StoryContext, story

@story(count="var.sign_ups", inserts=["users", "sessions"])
def sign_ups(ctx: StoryContext) -> Generator[Row, Row, None]:
    user = yield Row("users")
    for _ in range(ctx.random.randint(10, 19)):
        yield Row("sessions", user_id=user["id"], device_type=user["first_device_type"])
```

A story is told `count` times a pass. It yields the rows that matter to it, with the values that matter; every other column is filled as the
model says, and `yield` gives the row back as it will be in the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    import numpy as np
    from mimesis import Generic

__all__ = ["Parents", "Row", "StatResult", "Story", "StoryContext", "story"]


class Story(Protocol):
    """A function that yields rows and receives each of them back, finished."""

    def __call__(self, ctx: Any, /, *args: Any, **kwargs: Any) -> Iterator[Any]: ...


_Function = TypeVar("_Function", bound=Callable[..., Any])


@overload
def story(function: _Function, /) -> _Function: ...


@overload
def story(
    *,
    count: int | str = 1,
    inserts: Sequence[str] = (),
    stats: Sequence[str] = (),
    parents: Sequence[str] = (),
    tags: Sequence[str] = (),
    timeout: float = 10,
    max_rows: int = 100_000,
) -> Callable[[_Function], _Function]: ...


def story(function: Any = None, /, **settings: Any) -> Any:
    """Mark a function as a story. All arguments must be written out, since ssg reads them without running the file.

    `count` is how often it is told in a pass: a number, `var.NAME` or `stat.NAME.COLUMN`. `inserts` are the tables it yields rows of,
    `stats` the statistics it reads from `ctx.stats`, `parents` tables that it asks `ctx.parents` for under a name that is not written
    there. A telling that takes longer than `timeout` seconds or yields more than `max_rows` rows is ended with an error.
    """

    def mark(marked: Any) -> Any:
        marked.__ssg_story__ = settings
        return marked

    return mark if function is None else mark(function)


class _Drawn(Protocol):
    """Where a finished row gets the values that its story did not give."""

    @property
    def ahead(self) -> Mapping[str, Sequence[Any]]:
        """Values that were drawn ahead and hang on no other column, by column and place of the row."""
        ...

    def value(self, row: Row, name: str) -> Any: ...

    def names(self) -> Sequence[str]: ...

    def refuse(self, row: Row, name: str) -> Exception: ...


class Row(MutableMapping[str, Any]):
    """A row of a table, with the values that matter.

    Once it has been yielded it is the finished row: a mapping of every column to its value. Values are made when they are read. Setting
    one, at any time before the story ends, changes the row.
    """

    __slots__ = ("_drawn", "_index", "_line", "_made", "_values", "table")

    def __init__(self, table: str, values: Mapping[str, Any] | None = None, /, **columns: Any) -> None:
        self.table = table
        self._values: dict[str, Any] = {**values, **columns} if values else columns
        self._drawn: _Drawn | None = None
        self._made: dict[str, Any] | None = None
        self._index = -1
        self._line: int | tuple[str, int] = 0

    def __getitem__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            drawn = self._drawn
            if drawn is None:
                raise
        try:
            return drawn.ahead[name][self._index]
        except (KeyError, IndexError):
            return drawn.value(self, name)

    def __setitem__(self, name: str, value: Any) -> None:
        if self._drawn is not None and name not in self._drawn.names():
            raise self._drawn.refuse(self, name)
        self._values[name] = value

    def __delitem__(self, name: str) -> None:
        raise TypeError("a column of a row cannot be taken away; set it to None for NULL")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values if self._drawn is None else self._drawn.names())

    def __len__(self) -> int:
        return len(self._values if self._drawn is None else self._drawn.names())

    def __repr__(self) -> str:
        return f"Row({self.table!r}, {', '.join(f'{k}={v!r}' for k, v in self._values.items())})"

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other if isinstance(other, Row) else NotImplemented


class Parents(Sequence[Mapping[str, Any]]):
    """The rows of a table that is complete, as mappings: all columns of a vocabulary, the key columns of any other table."""

    __slots__ = ("_at", "_size")

    def __init__(self, size: int, at: Callable[[int], Mapping[str, Any]]) -> None:
        self._size, self._at = size, at

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self._at(i) for i in range(*index.indices(self._size))]
        if not -self._size <= index < self._size:
            raise IndexError("no such parent")
        return self._at(index % self._size)


class StatResult(Mapping[str, list[Any]]):
    """A released statistic: its columns by name, and its rows.

    `ctx.stats["age_stats"].value("mean")`, `ctx.stats["devices"].rows`, `ctx.stats["devices"]["users"]`.
    """

    __slots__ = ("_columns", "_name", "_rows")

    def __init__(self, name: str, columns: Mapping[str, list[Any]]) -> None:
        self._name, self._columns = name, columns
        self._rows: list[dict[str, Any]] | None = None

    def __getitem__(self, column: str) -> list[Any]:
        return self._columns[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A dictionary for each row, in the order of the result."""
        if self._rows is None:
            names = list(self._columns)
            self._rows = [dict(zip(names, row, strict=True)) for row in zip(*self._columns.values(), strict=True)]
        return self._rows

    def value(self, column: str | None = None) -> Any:
        """The only value of a column of a result with one row. Raises LookupError where there are more, or none."""
        if column is None and len(self._columns) != 1:
            raise LookupError(f"statistic {self._name} has several columns: {', '.join(self._columns)}")
        values = self._columns[column if column is not None else next(iter(self._columns))]
        if len(values) != 1:
            raise LookupError(f"statistic {self._name} has {len(values)} rows, not one")
        return values[0]


class StoryContext(Protocol):
    """What a story is given. Everything random in it is seeded for this one telling."""

    @property
    def random(self) -> Random: ...

    @property
    def numpy(self) -> np.random.Generator: ...

    @property
    def generic(self) -> Generic:
        """Mimesis' providers, in the project's language, drawing from `random`."""
        ...

    @property
    def stats(self) -> Mapping[str, StatResult]:
        """The statistics that the story names in `stats`."""
        ...

    @property
    def vars(self) -> Mapping[str, Any]: ...

    @property
    def now(self) -> datetime:
        """The project's present: `generation.now`."""
        ...

    @property
    def number(self) -> int:
        """Which telling of its pass this is, from 0."""
        ...

    @property
    def pass_number(self) -> int: ...

    def parents(self, table: str) -> Parents:
        """The rows of a table that was made before: `ctx.random.choice(ctx.parents("countries"))["country_destination"]`."""
        ...
