"""The JSON Schema of a generator's options, from the annotations of its dataclass."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from ssgproj.generators.base import Reference

REFERENCE_PATTERN = r"^(stat|var|column)\.[^\s].*$"
_REFERENCE = {"type": "string", "pattern": REFERENCE_PATTERN}
_SIMPLE: dict[Any, dict[str, Any]] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    date: {"type": "string"},
    datetime: {"type": "string"},
    time: {"type": "string"},
    timedelta: {"type": ["string", "number"]},
}


def options_schema(spec: type) -> dict[str, dict[str, Any]]:
    """The schema of each option by its name in YAML, in order."""
    try:
        hints = typing.get_type_hints(spec)
    except Exception:  # annotations that only type checkers can resolve say nothing about values
        hints = {}
    result = {}
    for f in fields(spec):
        schema = _schema(hints.get(f.name, Any))
        doc = f.metadata.get("doc")
        result[f.name.rstrip("_")] = {"description": doc, **schema} if doc else schema
    return result


def required_options(spec: type) -> list[str]:
    """The options that must be given, by their names in YAML."""
    return [f.name.rstrip("_") for f in fields(spec) if f.metadata.get("required")]


def _with_reference(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, dict(_REFERENCE)]} if schema else {}


def _schema(hint: Any) -> dict[str, Any]:
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    if hint is Reference:
        return dict(_REFERENCE)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (typing.Union, types.UnionType):
        parts = [_schema(a) for a in arguments]
        return {} if any(not p for p in parts) else {"anyOf": parts}
    if origin is tuple or (isinstance(origin, type) and issubclass(origin, Sequence)):
        item = _schema(arguments[0]) if arguments else {}
        return {"type": "array", "items": _with_reference(item)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        value = _schema(arguments[1]) if len(arguments) == 2 else {}
        return {"type": "object", "additionalProperties": _with_reference(value)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    return {}
