"""Parameter annotations as far as they can be read from the text of a file: which values of YAML fit, and what those become.

An annotation that is not one of the plain ones (`int`, `float | None`, `list[str]`, `date`, `Literal["a", "b"]` ...) accepts everything.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ssgproj.generators.base import Reference

_LISTS = {"list", "List", "Sequence", "Iterable", "Collection", "tuple", "Tuple", "set", "Set", "frozenset"}
_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping"}
_SCALARS = {"int", "float", "str", "bool", "date", "datetime", "time", "timedelta", "Decimal", "None"}
_WORDS = {
    "int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false", "date": "a date like 2025-01-31",
    "datetime": "a date and time like 2025-01-31 12:00:00", "time": "a time like 12:30:00", "timedelta": "a duration like 90 minutes",
    "Decimal": "a number", "None": "null", "list": "a list", "mapping": "a mapping",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hint:
    """What a parameter takes: one of several `kinds`, each a word of `_WORDS`; `items` belongs to lists, `literals` are single values.

    `context` is the name of a context's class (`RowContext`) if that is what it is annotated with.
    """

    kinds: tuple[str, ...] = ()
    items: Hint | None = None
    literals: tuple[Any, ...] = ()
    context: str | None = None

    @property
    def anything(self) -> bool:
        return not self.kinds and not self.literals

    @property
    def words(self) -> str:
        said = [_WORDS[k] for k in self.kinds if k != "None"] + [f"`{v}`" for v in self.literals]
        return " or ".join(dict.fromkeys(said))

    @property
    def is_list(self) -> bool:
        """Whether it wants several values and no single one."""
        return "list" in self.kinds and not set(self.kinds) - {"list", "None"}

    @property
    def is_scalar(self) -> bool:
        return not self.anything and not {"list", "mapping"} & set(self.kinds)


ANYTHING = Hint()
CONTEXTS = ("RowContext", "BatchContext")


def read_hint(node: ast.expr | None) -> Hint:
    """The hint that an annotation stands for."""
    if node is None:
        return ANYTHING
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([read_hint(node.left), read_hint(node.right)])
    if isinstance(node, ast.Subscript):
        return _subscript(_last(node.value), node.slice)
    name = _last(node)
    if name in CONTEXTS:
        return Hint(context=name)
    if name in _SCALARS:
        return Hint((name,))
    if name in _LISTS:
        return Hint(("list",))
    return Hint(("mapping",)) if name in _MAPPINGS else ANYTHING


def _constant(value: Any) -> Hint:
    if value is None:
        return Hint(("None",))
    if not isinstance(value, str):
        return ANYTHING
    try:
        return read_hint(ast.parse(value, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return ANYTHING


def _last(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _subscript(name: str, inner: ast.expr) -> Hint:
    parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    if name == "Optional":
        return _union([read_hint(inner), Hint(("None",))])
    if name == "Union":
        return _union([read_hint(p) for p in parts])
    if name == "Annotated":
        return read_hint(parts[0])
    if name == "Literal":
        values = tuple(p.value for p in parts if isinstance(p, ast.Constant))
        return Hint(literals=values) if len(values) == len(parts) else ANYTHING
    if name in _MAPPINGS:
        return Hint(("mapping",))
    if name in _LISTS:
        same = name not in ("tuple", "Tuple") or (len(parts) == 2 and _is_ellipsis(parts[1]))
        return Hint(("list",), read_hint(parts[0]) if same else None)
    return ANYTHING


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _union(hints: list[Hint]) -> Hint:
    context = next((h.context for h in hints if h.context), None)
    if any(h.anything for h in hints):
        return Hint(context=context)
    kinds = tuple(dict.fromkeys(k for h in hints for k in h.kinds))
    items = [h.items for h in hints if h.items]
    return Hint(kinds, items[0] if len(items) == 1 else None, tuple(v for h in hints for v in h.literals))


def read_argument(value: Any, hint: Hint, now: datetime) -> Any:
    """A value of YAML as the function is given it: lists as lists, and texts as the dates that an annotation asks for.

    References stay. Raises ValueError with the words of what was expected.
    """
    if isinstance(value, Reference):
        return value
    if hint.anything:
        return _free(value)
    if any(type(v) is type(value) and v == value for v in hint.literals):
        return value
    for kind in hint.kinds:
        accepted, read = _ACCEPT[kind](value, now)
        if not accepted:
            continue
        if kind == "list" and hint.items is not None:
            try:
                return [read_argument(v, hint.items, now) for v in read]
            except ValueError:
                raise ValueError(f"a list of {hint.items.words}") from None
        return _free(read)
    raise ValueError(hint.words or "null")


def _free(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_free(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _free(v) for k, v in value.items()}
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _integer(value: Any, now: datetime) -> tuple[bool, Any]:
    whole = _is_number(value) and math.isfinite(value) and value == int(value)
    return whole, int(value) if whole else value


def _moment(kind: str) -> Callable[[Any, datetime], tuple[bool, Any]]:
    def accept(value: Any, now: datetime) -> tuple[bool, Any]:
        from ssgproj.generators import values

        if isinstance(value, str) and value.strip().lower() == "now" and kind in ("date", "datetime"):
            value = now
        if not isinstance(value, str | date | time | timedelta | int | float) or isinstance(value, bool):
            return False, value
        try:
            match kind:
                case "time":
                    return True, values.to_time(value)
                case "timedelta":
                    return True, values.to_duration(value)
            moment = values.to_datetime(value)
            return True, moment.date() if kind == "date" else moment
        except ValueError:
            return False, value

    return accept


def _decimal(value: Any, now: datetime) -> tuple[bool, Any]:
    return _is_number(value), Decimal(str(value)) if _is_number(value) else value


_ACCEPT: dict[str, Callable[[Any, datetime], tuple[bool, Any]]] = {
    "int": _integer,
    "float": lambda v, _: (_is_number(v), v),
    "str": lambda v, _: (isinstance(v, str), v),
    "bool": lambda v, _: (isinstance(v, bool), v),
    "None": lambda v, _: (v is None, v),
    "list": lambda v, _: (isinstance(v, list | tuple), v),
    "mapping": lambda v, _: (isinstance(v, Mapping), v),
    "Decimal": _decimal,
    **{kind: _moment(kind) for kind in ("date", "datetime", "time", "timedelta")},
}
