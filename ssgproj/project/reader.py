"""A small language for what YAML files may say: one declaration gives the checks, the values and the JSON Schema.

```python
PERSON = Record({"name": Field(Text(), required=True), "age": Field(Integer(minimum=0))}, build=lambda v, at: v)
```

`read` never raises for what is in the file: it records problems in the `Reading` and returns `INVALID` where there is no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Sequence as SequenceABC
from dataclasses import dataclass, field
from typing import Any

from ssgproj.diagnostics import Location
from ssgproj.project import yaml_node as y
from ssgproj.project.reading import INVALID, Failure, Reading, Type
from ssgproj.project.suggest import closest, suggestion


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; a tuple when read. `single`: one item may stand without brackets. Broken items are left out."""

    item: Type
    at_least: int = 0
    single: bool = False
    noun: str = "a list"

    @property
    def what(self) -> str:
        return self.noun

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Sequence or (self.single and self.item.accepts(node))

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        if type(node) is not y.Sequence:
            if self.single and self.item.accepts(node):
                value = self.item.read(node, reading, name)
                return INVALID if value is INVALID else (value,)
            return reading.wrong_type(name, self.what, node)
        if len(node.items) < self.at_least:
            return reading.bad_value(f"`{name}` is empty", node)
        values = [self.item.read(item, reading, name) for item in node.items]
        kept = tuple(v for v in values if v is not INVALID)
        return INVALID if len(kept) < self.at_least else kept

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "array", "items": self.item.schema()}
        if self.at_least:
            schema["minItems"] = self.at_least
        return {"anyOf": [schema, self.item.schema()]} if self.single else schema


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping from names of the user's own; a dict when read, in the order of the file. Broken values are left out."""

    value: Type
    noun: str = "a mapping"
    build: Callable[[str, Any, Location], Any] | None = None

    @property
    def what(self) -> str:
        return self.noun

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Mapping

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        if y.is_null(node):
            return {}
        if type(node) is not y.Mapping:
            return reading.wrong_type(name, self.what, node)
        result = {}
        for key, entry in node.entries.items():
            if not key:
                reading.bad_value(f"A name in `{name}` is empty", entry.key)
                continue
            value = self.value.read(entry.value, reading, key)
            if value is not INVALID:
                result[key] = self.build(key, value, reading.file.at(entry.key)) if self.build else value
        return result

    def schema(self) -> dict[str, Any]:
        return {"type": ["object", "null"], "additionalProperties": self.value.schema()}


@dataclass(frozen=True, slots=True)
class Plain:
    """Any YAML value, as dicts, lists and scalars."""

    what: str = "any value"

    def accepts(self, node: y.Node) -> bool:
        return True

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        return y.plain_value(node)

    def schema(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class OneOf:
    """The first of several types that accepts the node's shape."""

    types: tuple[Type, ...]
    noun: str | None = None

    @property
    def what(self) -> str:
        return self.noun or " or ".join(t.what for t in self.types)

    def accepts(self, node: y.Node) -> bool:
        return any(t.accepts(node) for t in self.types)

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        for kind in self.types:
            if kind.accepts(node):
                return kind.read(node, reading, name)
        return reading.wrong_type(name, self.what, node)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [t.schema() for t in self.types]}


@dataclass(frozen=True, slots=True)
class Converted:
    """A type whose value is turned into another; `convert` returns the value, or a `Failure` to report."""

    type: Type
    convert: Callable[[Any, Location], Any]

    @property
    def what(self) -> str:
        return self.type.what

    def accepts(self, node: y.Node) -> bool:
        return self.type.accepts(node)

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        value = self.type.read(node, reading, name)
        if value is INVALID:
            return INVALID
        result = self.convert(value, reading.file.at(node))
        if isinstance(result, Failure):
            return reading.bad_value(f"`{name}` {result.message}", node, result.hint)
        return result

    def schema(self) -> dict[str, Any]:
        return self.type.schema()


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record. `help` is what editors show."""

    type: Type
    help: str = ""
    required: bool = False


Build = Callable[[dict[str, Any], Location], Any]


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with fixed keys. `build` makes the value from what was read; keys that were not written are absent.

    `requires_any`: at least one of these keys must be there. `keep_node` adds the node itself under `"@"`. `lenient` builds from
    what there is even if a required key is missing, so that one mistake does not lead to others.
    """

    fields: Mapping[str, Field]
    build: Build
    noun: str = "a mapping"
    requires_any: SequenceABC[str] = ()
    keep_node: bool = False
    lenient: bool = False
    required: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", tuple(k for k, f in self.fields.items() if f.required))

    @property
    def what(self) -> str:
        return self.noun

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Mapping

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        if type(node) is not y.Mapping:
            return reading.wrong_type(name, self.what, node)
        values: dict[str, Any] = {}
        fields = self.fields
        for key, entry in node.entries.items():
            declared = fields.get(key)
            if declared is None:
                self.unknown(key, entry, reading, name)
                continue
            value = declared.type.read(entry.value, reading, key)
            if value is not INVALID:
                values[key] = value
        complete = True
        for key in self.required:
            if key not in values:
                complete = False
                if key not in node.entries:
                    self._missing(f"`{key}` is missing in `{name}`", node, reading)
        if self.requires_any and not any(key in node.entries for key in self.requires_any):
            self._missing(f"`{name}` needs {' or '.join(f'`{k}`' for k in self.requires_any)}", node, reading)
            complete = False
        if not complete and not self.lenient:
            return INVALID
        if self.keep_node:
            values["@"] = node
        return self.build(values, reading.file.at(node))

    def _missing(self, message: str, node: y.Mapping, reading: Reading) -> None:
        key = self.required[0] if self.required else self.requires_any[0]
        missing = [k for k in self.required if k not in node.entries] or [key]
        reading.add(reading.codes.missing_key, "missing-key", message, node.start, f"write `{missing[0]}: ...`")

    def unknown(self, key: str, entry: y.Entry, reading: Reading, name: str) -> None:
        hint = suggestion(key, self.fields)
        if closest(key, self.fields) is None and y.is_null(entry.value) and re.search(r"[)\]]$", key):
            hint = 'a comma inside { } ends a value: put the text in quotes, as in {type: "numeric(10, 2)"}'
        reading.add(reading.codes.unknown_key, "unknown-key", f"Unknown key `{key}` in `{name}`", entry.key, hint)

    def schema(self) -> dict[str, Any]:
        properties = {}
        for key, declared in self.fields.items():
            schema = declared.type.schema()
            properties[key] = {"description": declared.help, **schema} if declared.help else schema
        result: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
        if self.required:
            result["required"] = list(self.required)
        if self.requires_any:
            result["anyOf"] = [{"required": [key]} for key in self.requires_any]
        return result
