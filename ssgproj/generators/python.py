"""`python`: a function of the project's own.

```python
from ssgproj.generators.python import BatchContext, batch

def plan(seats: int, random) -> str:
    return "pro" if seats > 10 else random.choice(["free", "basic"])

@batch
def scores(ctx: BatchContext, mean: float) -> list[float]:
    return ctx.numpy.normal(mean, 10, ctx.rows)
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import check_options, option
from ssgproj.generators.python_call import BatchContext, RowContext

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator
    from ssgproj.generators.python_annotations import Hint
    from ssgproj.generators.python_source import Source

__all__ = ["BatchContext", "Python", "RowContext", "batch"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def batch(function: _Function) -> _Function:
    """Mark a function that makes the values of a whole batch: columns are given to it as Arrow arrays, and it returns one sequence
    (or array) with a value for each row; for several columns a tuple of them, or a mapping (or table) by column name."""
    function.__ssg_batch__ = True  # type: ignore[attr-defined]
    return function


@dataclass(frozen=True, slots=True)
class Python:
    """A function in a Python file of the project, called once per row, or once per batch if marked with `@batch`.

    `generators.dates.booking` is the function `booking` in `generators/dates.py`. It may have any parameters. Options that are not named
    here are its arguments, as are those under `arguments`: values, lists and mappings of them, `var.NAME`, `column.NAME` (the row's value, or
    with `column.user_id.created` that of the row it refers to; an Arrow array for `@batch`), `stat.NAME.COLUMN` (one value, or the list of them where the statistic has a GROUP BY) and `stat.NAME`
    (its rows, as mappings). They are checked against the function's parameters and their annotations without running it; a text becomes
    the `date`, `datetime`, `time` or `timedelta` that an annotation asks for.

    Parameters called `random` (Python's), `generic` (Mimesis), `numpy` or `ctx` that get no argument are filled by ssg, all seeded; so is
    one annotated `RowContext` or `BatchContext`, and a first parameter that nothing else fills. `ctx.random`, `ctx.generic` and
    `ctx.numpy` are the same; `ctx.columns` holds the columns named in `uses`, `ctx.row` is the row's number, `ctx.now` the project's present.
    For several columns the function returns a tuple, or a mapping by column name. None is NULL.

    ```yaml
    generate: {python: generators.dates.booking, start: column.created_on, days: 30}
    ```
    """

    kind: ClassVar[str] = "python"
    open_options: ClassVar[bool] = True

    function: str = option("`module.function`, from the project's root.")
    arguments: Mapping[str, Any] | None = option(
        "Arguments of the function, also where their names are those of other options.", None, per_row=True, whole=True
    )
    uses: tuple[Any, ...] | str = option("Columns filled before, which the function reads from `ctx.columns`.", ())

    def check(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.python_source import find_function

        yield from check_options(self, context)
        yield from self._check_reads(context)
        source, problems = find_function(context.root, self.function)
        yield from problems
        if source is not None:
            yield from _check_source(source)
            yield from self._check_arguments(source, context)

    def _check_reads(self, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.lookup import NotFoundError
        from ssgproj.generators.python_call import column_names

        named = [(f"arguments.{n}", text) for n, v in (self.arguments or {}).items() for text in column_names(v)]
        for option_name, text in [*named, *(("uses", text) for text in self._uses())]:
            try:
                context.columns.find(text)
            except NotFoundError as error:
                yield Problem(error.message, option_name, error.hint)

    def _check_arguments(self, source: Source, context: BindContext) -> Iterator[Problem]:
        from ssgproj.generators.python_call import BATCH_ONLY
        from ssgproj.project.suggest import suggestion

        if source.signature is None or not source.certain:
            return
        given = self.arguments or {}
        _, faults = source.signature.assign(list(given), BATCH_ONLY if source.is_batch else ())
        for fault in faults:
            name = source.name
            if fault.argument is None:
                missing = fault.message.split("`")[1]
                hint = f"write `{{python: {self.function}, {missing}: ...}}`"
                yield Problem(f"`{name}` {fault.message}", "function", hint)
            else:
                known = [n for n in source.signature.names if n not in given]
                hint = suggestion(fault.argument, [*known, "uses", "arguments"], sort=False) if known else "remove it"
                yield Problem(f"`{name}` {fault.message}", f"arguments.{fault.argument}", hint)
        for name, value in given.items():
            yield from _check_value(source.name, name, value, source.signature.hint(name), context)

    def bind(self, context: BindContext) -> Generator:
        from ssgproj.generators.python_call import PythonGenerator
        from ssgproj.generators.python_source import find_function

        source, _ = find_function(context.root, self.function)
        signature = source.signature if source else None
        arguments = {}
        for name, value in (self.arguments or {}).items():
            hint = signature.hint(name) if signature else None
            arguments[name] = argument_value(value, hint, context)
        return PythonGenerator(
            context.targets, context.root, self.function, arguments, self._uses(), context.now, context.locale,
            dict(context.stats), signature, tuple((text, context.columns.find(text)) for text in self.reads()),
        )  # fmt: skip

    def reads(self) -> Sequence[str]:
        """The columns, of the row or of its parents, that arguments and `uses` name."""
        from ssgproj.generators.python_call import column_names

        return tuple(dict.fromkeys((*self._uses(), *column_names(self.arguments or {}))))

    def _uses(self) -> tuple[str, ...]:
        return (self.uses,) if isinstance(self.uses, str) else tuple(str(c) for c in self.uses)


def _check_source(source: Source) -> Iterator[Problem]:
    if source.is_async:
        yield Problem(f"`{source.name}` is asynchronous", "function", f"write `def {source.name}(...): ...`")
    elif source.yields and not source.is_batch:
        hint = "return one value; what yields rows is a story: stories/NAME.py"
        yield Problem(f"`{source.name}` yields values instead of returning one", "function", hint)


def _check_value(function: str, name: str, value: Any, hint: Hint, context: BindContext) -> Iterator[Problem]:
    """Statistics that do not fit, and values that are not what the annotation says."""
    option_name = f"arguments.{name}"
    try:
        argument_value(value, hint, context)
    except LookupError as error:
        message, hint_text = error.args
        yield Problem(message, option_name, hint_text)
    except ValueError as error:
        message = f"`{name}` of `{function}` takes {error}, not {_described(value)}"
        yield Problem(message, option_name, f"write {error}")


def _described(value: Any) -> str:
    """What was written, in a word."""
    if isinstance(value, Reference):
        return f"the value of `{value}`"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, str):
        return f"the text `{value}`" if len(value) <= 40 and "\n" not in value else "text"
    return "nothing" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def argument_value(value: Any, hint: Hint | None, context: BindContext) -> Any:
    """An argument with its statistics put in, as its annotation wants it; references to columns stay.

    Raises LookupError with a message and a hint for a statistic that does not fit, ValueError for another value that does not.
    """
    from ssgproj.generators.python_annotations import ANYTHING, read_argument

    return read_argument(_with_stats(value, hint or ANYTHING, context), hint or ANYTHING, context.now)


def _with_stats(value: Any, hint: Hint, context: BindContext) -> Any:
    from ssgproj.generators.python_annotations import ANYTHING

    if isinstance(value, Reference) and value.kind == "stat" and value.name in context.stats:
        return _stat_value(value, hint, context)
    if isinstance(value, Mapping):
        return {k: _with_stats(v, ANYTHING, context) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_with_stats(v, hint.items or ANYTHING, context) for v in value)
    return value


def _stat_value(reference: Reference, hint: Hint, context: BindContext) -> Any:
    """One value of a statistic, the values of its column, or its rows."""
    from ssgproj.project.suggest import suggestion

    result = context.stats[reference.name]
    rows = max((len(values) for values in result.values()), default=0)
    several = rows != 1 or reference.name in context.grouped
    if reference.column is None:
        if len(result) == 1 and not several and not hint.is_list:
            return next(iter(result.values()))[0]
        if hint.is_scalar:
            columns = f"{reference}.{next(iter(result), 'COLUMN')}"
            raise LookupError(f"`{reference}` stands for rows where one value is needed", f"write `{columns}`")
        return tuple(dict(zip(result, row, strict=True)) for row in zip(*result.values(), strict=True))
    if reference.column not in result:
        message = f"Statistic `{reference.name}` has no column `{reference.column}`"
        raise LookupError(message, suggestion(reference.column, result, sort=False))
    values = tuple(result[reference.column])
    if hint.is_list or (several and not hint.is_scalar):
        return values
    if several and len(values) != 1:
        message = f"`{reference}` has {rows} rows where one value is needed"
        raise LookupError(message, "annotate the parameter as `list`, or choose a statistic without GROUP BY")
    return values[0]
