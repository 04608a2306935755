"""Types of scalars, for declarations: texts, numbers, booleans, words."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from ssgproj.project import yaml_node as y
from ssgproj.project.reading import Reading
from ssgproj.project.suggest import suggestion


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
