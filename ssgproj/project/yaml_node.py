"""The tree of a YAML file: scalars, sequences and mappings, each with where it begins and ends.

Scalars keep their text; `Scalar.value` reads it by the core schema of YAML 1.2: `NO`, `on`, `1_000`, `12:30` and `2024-01-01`
are text, `1e-6` is a number, `012` is 12. Positions are offsets in characters, so that building the tree costs nothing;
`yaml_file.YamlFile` turns them into lines and columns.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias, final

MAX_DIGITS = 1000
"""Whole numbers longer than this are refused by the reader of files."""

_CONSTANTS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": math.inf, ".Inf": math.inf, ".INF": math.inf, "+.inf": math.inf, "+.Inf": math.inf, "+.INF": math.inf,
    "-.inf": -math.inf, "-.Inf": -math.inf, "-.INF": -math.inf,
    ".nan": math.nan, ".NaN": math.nan, ".NAN": math.nan,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_MAYBE_NUMBER = frozenset("0123456789+-.")


def resolve(text: str) -> Any:
    """The value of an unquoted scalar. Whole numbers of more than `MAX_DIGITS` digits stay text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _MAYBE_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > MAX_DIGITS:
            return text
        if text[:2] == "0o":
            return int(text[2:], 8)
        return int(text, 16) if text[:2] == "0x" else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


@final
class Scalar(NamedTuple):
    """One word or text. `plain`: written without quotes, so that it may be a number, a boolean or null."""

    text: str
    plain: bool
    start: int
    end: int

    @property
    def value(self) -> Any:
        return resolve(self.text) if self.plain else self.text


@final
class Sequence(NamedTuple):
    """A list. `flow`: written in square brackets."""

    items: list[Node]
    flow: bool
    start: int
    end: int


@final
class Entry(NamedTuple):
    """One key of a mapping, and its value."""

    key: Scalar
    value: Node


@final
class Mapping(NamedTuple):
    """A mapping, by the text of its keys. `flow`: written in curly brackets."""

    entries: dict[str, Entry]
    flow: bool
    start: int
    end: int


Node: TypeAlias = Scalar | Sequence | Mapping


def is_null(node: Node) -> bool:
    """Nothing was written, or `null`, or `~`."""
    return type(node) is Scalar and node.plain and _CONSTANTS.get(node.text, 0) is None


def plain_value(node: Node) -> Any:
    """The node as dicts, lists and scalars. Keys are read like values (`1:` is a number) where they can be."""
    if type(node) is Scalar:
        return node.value
    if type(node) is Sequence:
        return [plain_value(item) for item in node.items]
    return {entry.key.value: plain_value(entry.value) for entry in node.entries.values()}


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, keys included, in the order of the file."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if type(current) is Sequence:
            waiting.extend(reversed(current.items))
        elif type(current) is Mapping:
            for entry in reversed(current.entries.values()):
                waiting.append(entry.value)
                waiting.append(entry.key)


def describe(node: Node) -> str:
    """What was found, in a word: `text`, `a number`, `a list` ..."""
    if type(node) is Sequence:
        return "a list"
    if type(node) is Mapping:
        return "a mapping"
    value = node.value
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{node.text}`"
    if isinstance(value, int | float):
        return f"the number {node.text}" if len(node.text) <= 40 else "a number"
    return f"the text `{value}`" if len(value) <= 40 and "\n" not in value else "text"
