"""A small language for what YAML files may say: one declaration gives the checks, the values and the JSON Schema.

```python
PERSON = Record({"name": Field(Text(), required=True), "age": Field(Integer(minimum=0))}, build=lambda v, at: v)
```

`read` never raises for what is in the file: it records problems in the `Reading` and returns `INVALID` where there is no value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from collections.abc import Sequence as SequenceABC
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from ssgproj.diagnostics import Diagnostic, Location, Severity
from ssgproj.project import yaml_node as y
from ssgproj.project.suggest import closest, suggestion
from ssgproj.project.yaml_file import YamlFile

INVALID: Final = object()
"""What reading returns when there is no usable value; the reason is recorded."""


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes under which problems of one family of files are reported."""

    unknown_key: str
    wrong_type: str
    missing_key: str
    bad_value: str


PROJECT_CODES = Codes("PJ003", "PJ004", "PJ005", "PJ006")
MODEL_CODES = Codes("MD001", "MD002", "MD003", "MD004")


@dataclass(slots=True)
class Reading:
    """One file being read: where problems go."""

    file: YamlFile
    codes: Codes
    problems: list[Diagnostic] = field(default_factory=list)
    uses: list[tuple[str, y.Node]] = field(default_factory=list)
    """Names of columns that the file uses, to be compared with those it has once all of it is read."""

    def add(
        self, code: str, name: str, message: str, at: y.Node | int | Location, hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:  # fmt: skip
        place = at if isinstance(at, Location) else self.file.at(at, with_end=True)
        self.problems.append(Diagnostic(code, name, message, place, hint, severity))

    def wrong_type(self, name: str, what: str, node: y.Node, hint: str | None = None) -> Any:
        self.add(self.codes.wrong_type, "wrong-type", f"`{name}` must be {what}, not {y.describe(node)}", node, hint)
        return INVALID

    def bad_value(self, message: str, node: y.Node, hint: str | None = None) -> Any:
        self.add(self.codes.bad_value, "bad-value", message, node, hint)
        return INVALID


class Type(Protocol):
    """What a value may be. `what` is its noun with an article, for messages."""

    @property
    def what(self) -> str: ...

    def accepts(self, node: y.Node) -> bool:
        """Whether the node has the outer shape of this type, so that messages about it should come from here."""
        ...

    def read(self, node: y.Node, reading: Reading, name: str) -> Any: ...

    def schema(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Text:
    """A text. Numbers and booleans must be quoted to be one: what `012` or `no` means must not depend on the tool."""

    what: str = "a text"
    pattern: str | None = None
    empty: bool = False
    example: str | None = None

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Scalar and isinstance(node.value, str)

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        if type(node) is not y.Scalar:
            return reading.wrong_type(name, self.what, node)
        value = node.value
        if not isinstance(value, str):
            hint = f'write it in quotes: "{node.text}"' if node.text else None
            return reading.wrong_type(name, self.what, node, hint)
        hint = f"for example: {self.example}" if self.example else None
        if not value and not self.empty:
            return reading.bad_value(f"`{name}` is empty", node, hint)
        if "\0" in value:
            return reading.bad_value(f"`{name}` holds a NUL character", node)
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            return reading.bad_value(f"`{name}` must be {self.what}, not `{value}`", node, hint)
        return value

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string"}
        if self.pattern is not None:
            schema["pattern"] = f"^(?:{self.pattern})$"
        elif not self.empty:
            schema["minLength"] = 1
        return schema


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number."""

    minimum: int | None = None
    maximum: int | None = None

    @property
    def what(self) -> str:
        return "a whole number" if self.minimum is None else f"a whole number from {self.minimum} on"

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Scalar and type(node.value) in (int, float)

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        value = node.value if type(node) is y.Scalar else None
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int:
            hint = None
            if isinstance(value, str) and re.fullmatch(r"[0-9][0-9_ ,']*", value):
                hint = f"write it without separators and quotes: {re.sub('[^0-9]', '', value)}"
            return reading.wrong_type(name, self.what, node, hint)
        if self.minimum is not None and value < self.minimum:
            return reading.bad_value(f"`{name}` must be {self.what}, not {value}", node)
        if self.maximum is not None and value > self.maximum:
            return reading.bad_value(f"`{name}` must be at most {self.maximum}", node)
        return value

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "integer"}
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        if self.maximum is not None:
            schema["maximum"] = self.maximum
        return schema


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number."""

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None

    @property
    def what(self) -> str:
        if self.minimum is not None and self.maximum is not None:
            return f"a number from {self.minimum:g} to {self.maximum:g}"
        if self.above is not None:
            return f"a number above {self.above:g}"
        return "a number"

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Scalar and type(node.value) in (int, float)

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        value = node.value if type(node) is y.Scalar else None
        if type(value) not in (int, float) or value is None:
            return reading.wrong_type(name, self.what, node)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            return reading.bad_value(f"`{name}` must be a finite number", node)
        low = (self.minimum is not None and number < self.minimum) or (self.above is not None and number <= self.above)
        if low or (self.maximum is not None and number > self.maximum):
            text = node.text if type(node) is y.Scalar else ""
            return reading.bad_value(f"`{name}` must be {self.what}, not {text}", node)
        return number

    def schema(self) -> dict[str, Any]:
        limits = {"minimum": self.minimum, "maximum": self.maximum, "exclusiveMinimum": self.above}
        return {"type": "number", **{key: value for key, value in limits.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    what: str = "`true` or `false`"

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Scalar and isinstance(node.value, bool)

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        value = node.value if type(node) is y.Scalar else None
        if isinstance(value, bool):
            return value
        wanted = {"yes": "true", "on": "true", "no": "false", "off": "false"}
        word = value.lower() if isinstance(value, str) else ""
        return reading.wrong_type(name, self.what, node, f"write {wanted[word]}" if word in wanted else None)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def what(self) -> str:
        return " or ".join(f"`{w}`" for w in self.words) if len(self.words) < 4 else "one of a few words"

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Scalar and isinstance(node.value, str)

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        value = node.value if type(node) is y.Scalar else None
        if not isinstance(value, str):
            return reading.wrong_type(name, self.what, node, suggestion("", self.words, sort=False))
        if value not in self.words:
            return reading.bad_value(f"`{name}` cannot be `{value}`", node, suggestion(value, self.words, sort=False))
        return value

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


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
class Failure:
    """Why a conversion did not succeed; the message goes on after the key's name."""

    message: str
    hint: str | None = None


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
