"""How a generator's options are declared: dataclass fields with a type, a text and a default.

From the same declaration come the reading of YAML values (`generators/build.py`), the JSON Schema, and `docs/generators.md`. A type
that includes `Reference` may be written as `stat.NAME[.COLUMN]`, `var.NAME` or, where the option is `per_row`, `column.NAME`.
"""

from __future__ import annotations

import math
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, field, fields
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

from ssgproj.generators.base import BindContext, Problem, Reference, Spec

Number: TypeAlias = float | Reference
"""A number, or where it comes from."""
Whole: TypeAlias = int | Reference
Moment: TypeAlias = date | datetime | str | Reference
"""A date or a date and time; texts are read as ISO, and `now` is the project's present."""

_REFERENCE = re.compile(r"^(?P<kind>stat|var|column)\.(?P<rest>\S(?:.*\S)?)$")


def option(doc: str, default: Any = MISSING, *, per_row: bool = False, table: bool = False, whole: bool = False) -> Any:
    """Declare an option. `per_row`: may name a column of the same row. `table`: may name a whole statistic.

    `whole`: statistics stay references, also within lists and mappings; the spec itself puts in one value, a column or rows.
    """
    metadata = {"doc": doc, "required": default is MISSING, "per_row": per_row, "table": table, "whole": whole}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def option_name(f: Field[Any]) -> str:
    """What users write: a trailing underscore only avoids a word of Python's."""
    return f.name.rstrip("_")


@lru_cache(maxsize=128)
def hints(spec: type) -> Mapping[str, Any]:
    """The type of each option by its name in YAML."""
    found = typing.get_type_hints(spec)
    return {option_name(f): found[f.name] for f in fields(spec)}


def parse_reference(text: str) -> Reference | None:
    """`stat.NAME[.COLUMN]`, `var.NAME` or `column.NAME`; None for any other text."""
    match = _REFERENCE.match(text)
    if not match:
        return None
    if match["kind"] != "stat":
        return Reference(match["kind"], match["rest"])
    name, _, column = match["rest"].partition(".")
    return Reference("stat", name, column or None) if name else None


def members(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a type."""
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def allows_reference(hint: Any) -> bool:
    """Whether an option of this type may be written as a reference."""
    return hint is Any or Reference in members(hint)


def read_value(value: Any, hint: Any) -> Any:
    """A YAML value as the option's type wants it. Raises ValueError with what was expected."""
    if isinstance(value, Reference):
        return value
    if isinstance(value, str) and allows_reference(hint) and (reference := parse_reference(value)):
        return reference
    if hint is Any:
        return _inside(value)
    for member in members(hint):
        accepted, read = _accept(value, member)
        if accepted:
            return read
    raise ValueError(f"expected {describe(hint)}")


def _accept(value: Any, hint: Any) -> tuple[bool, Any]:
    origin = get_origin(hint)
    if hint is Any:
        return True, _inside(value)
    if hint is type(None):
        return value is None, None
    if hint is bool:
        return isinstance(value, bool), value
    if hint is int:
        whole = (isinstance(value, int) and not isinstance(value, bool)) or (
            isinstance(value, float) and value.is_integer()
        )
        return whole, int(value) if whole else value
    if hint is float:
        number = isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
        return number, float(value) if number else value
    if hint is str:
        return isinstance(value, str), value
    if hint in (date, datetime, time, timedelta):
        return isinstance(value, hint), value
    if origin is Literal:
        return value in get_args(hint), value
    if origin is tuple:
        return isinstance(value, list | tuple), tuple(map(_inside, value)) if isinstance(value, list | tuple) else value
    if origin in (Mapping, dict) or hint is Mapping:
        return isinstance(value, Mapping), _inside(value)
    return False, value


def with_columns(value: Any) -> Any:
    """References to columns within lists and mappings, for options that are `per_row`."""
    if isinstance(value, str) and value.startswith("column."):
        return parse_reference(value) or value
    if isinstance(value, tuple):
        return tuple(map(with_columns, value))
    return {k: with_columns(v) for k, v in value.items()} if isinstance(value, Mapping) else value


def _inside(value: Any) -> Any:
    """References within lists and mappings."""
    if isinstance(value, str) and value.startswith(("stat.", "var.")):
        return parse_reference(value) or value
    if isinstance(value, list | tuple):
        return tuple(map(_inside, value))
    if isinstance(value, Mapping):
        return {k: _inside(v) for k, v in value.items()}
    return value


_WORDS: dict[Any, str] = {
    int: "a whole number", float: "a number", bool: "true or false", str: "a text", date: "a date", datetime: "a date and time",
    time: "a time of day", timedelta: "a duration", Reference: "a reference (`stat.NAME.COLUMN`, `var.NAME`, `column.NAME`)",
    Any: "any value",
}  # fmt: skip


def describe(hint: Any) -> str:
    """A type in words, for messages and documentation."""
    words = []
    for member in members(hint):
        origin = get_origin(member)
        if member is type(None):
            continue
        if origin is Literal:
            words.append("one of " + ", ".join(f"`{a}`" for a in get_args(member)))
        elif origin is tuple:
            words.append("a list")
        elif origin in (Mapping, dict) or member is Mapping:
            words.append("a mapping")
        else:
            words.append(_WORDS.get(member, getattr(member, "__name__", str(member))))
    if {"a date", "a date and time"} <= set(words):
        words = [w for w in words if w not in ("a text",)]
    return " or ".join(dict.fromkeys(words))


def substitute(value: Any, hint: Any, stats: Mapping[str, Any], variables: Mapping[str, Any], table: bool) -> Any:
    """Put values in the place of `stat.` and `var.` references. What cannot be put in stays a reference."""
    if isinstance(value, Reference):
        found, replacement = look_up(value, hint, stats, variables, table)
        if not found:
            return value
        try:
            return read_value(replacement, hint)
        except ValueError:
            return value
    if isinstance(value, Mapping):
        return {k: substitute(v, Any, stats, variables, False) for k, v in value.items()}
    if isinstance(value, tuple):
        return tuple(substitute(v, Any, stats, variables, False) for v in value)
    return value


def look_up(
    reference: Reference, hint: Any, stats: Mapping[str, Any], variables: Mapping[str, Any], table: bool
) -> tuple[bool, Any]:
    """The value that a reference stands for, and whether there is one."""
    if reference.kind == "var":
        return reference.name in variables, variables.get(reference.name)
    if reference.kind != "stat" or reference.name not in stats:
        return False, None
    result = stats[reference.name]
    if reference.column is None:
        if table or len(result) != 1:
            return False, None
        column = next(iter(result.values()))
    elif reference.column in result:
        column = result[reference.column]
    else:
        return False, None
    if any(get_origin(m) is tuple for m in members(hint)):
        return True, tuple(column)
    return len(column) == 1 and column[0] is not None, column[0] if len(column) == 1 else None


def check_options(spec: Spec, context: BindContext) -> Iterator[Problem]:
    """What is wrong with the references that are left in a spec once values have been put in."""
    known = hints(type(spec))
    for f in fields(spec):  # type: ignore[arg-type]
        name, metadata = option_name(f), f.metadata
        for reference in _references(getattr(spec, f.name)):
            if reference.kind == "column":
                if not metadata.get("per_row"):
                    yield Problem(
                        f"`{name}` cannot take its value from a column", name, f"write {describe(known[name])}"
                    )
            elif reference.kind == "var":
                yield Problem(
                    f"`{reference}` is no variable that gives {describe(known[name])}", name,
                    f"set it in `ssg_project.yml`: vars: {{{reference.name}: ...}}",
                )  # fmt: skip
            elif metadata.get("whole"):
                continue
            elif reference.name in context.stats and not (metadata.get("table") and reference.column is None):
                yield _stat_problem(reference, name, known[name], context.stats[reference.name])


def _references(value: Any) -> Iterator[Reference]:
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _references(item)


def _stat_problem(reference: Reference, name: str, hint: Any, result: Mapping[str, Sequence[Any]]) -> Problem:
    from ssgproj.project.suggest import suggestion

    if reference.column is None:
        return Problem(
            f"`{reference}` has several columns", name, f"write `{reference}.{next(iter(result), 'COLUMN')}`"
        )
    if reference.column not in result:
        return Problem(
            f"Statistic `{reference.name}` has no column `{reference.column}`",
            name,
            suggestion(reference.column, result, sort=False),
        )
    rows = len(result[reference.column])
    if rows != 1:
        return Problem(
            f"`{reference}` has {rows} rows where one value is needed", name, "choose a statistic without GROUP BY"
        )
    if result[reference.column][0] is None:
        return Problem(f"`{reference}` is NULL", name, "write a value")
    return Problem(f"`{reference}` is not {describe(hint)}", name, f"write {describe(hint)}")


def one_target(spec: Spec, context: BindContext) -> Iterator[Problem]:
    """Most generators fill one column."""
    if len(context.targets) != 1:
        columns = ", ".join(f"`{t.name}`" for t in context.targets)
        yield Problem(
            f"`{spec.kind}` fills one column, not several ({columns})", None, "write `generate:` in each column"
        )


def bounds(lower: Any, upper: Any, names: tuple[str, str] = ("min", "max")) -> Iterator[Problem]:
    """A lower bound above the upper one."""
    if lower is None or upper is None or isinstance(lower, Reference) or isinstance(upper, Reference):
        return
    try:
        if lower > upper:
            yield Problem(f"`{names[0]}` is greater than `{names[1]}`", names[0], f"write a smaller `{names[0]}`")
    except TypeError:
        return


def kinds_allowed(context: BindContext, kinds: Iterable[Any], what: str) -> Iterator[Problem]:
    """Columns of types for which a generator makes no sense."""
    allowed = set(kinds)
    for target in context.targets:
        if target.type.kind not in allowed:
            yield Problem(
                f"`{what}` cannot fill column `{target.name}` of type `{target.type.text}`",
                None,
                "choose another generator",
            )
