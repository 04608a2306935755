"""Plain values → YAML text that every YAML reader takes for what it is.

What a YAML 1.1 reader would take for something else (`no`, `on`, `1_000`, `12:30`, a date) is quoted too, although ssg itself reads
YAML 1.2: people open these files with other tools.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

WIDTH = 120

_PLAIN = re.compile(r"[^\W\d](?:[\w.+/@*%$()=<>~^;,\[\]{}'\"!&|-]|(?<=[^\s])#| (?=[^\s#:])|:(?=[\w/]))*")
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "none"))
_NUMBERS = re.compile(
    r"[-+]?[\d.][\d_.,:]*(?:e[-+]?\d+)?|0[xob][\da-f_]+|\d{4}-\d\d?-\d\d?.*|[-+]?\.(?:inf|nan)", re.IGNORECASE
)
_IN_FLOW = re.compile(r"[\[\]{},'\"!&|]")
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_UNSAFE_BLOCK = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def quoted(text: str) -> str:
    """The text in double quotes."""
    return _ESCAPED.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(text, ensure_ascii=False))


def _looks_plain(text: str) -> bool:
    if text.lower() in _WORDS or _NUMBERS.fullmatch(text):
        return False
    return _PLAIN.fullmatch(text) is not None and len(text) <= 1000


def scalar(value: Any, flow: bool = False) -> str:
    """One scalar on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return ".nan"
        if math.isinf(value):
            return ".inf" if value > 0 else "-.inf"
        return _float(value)
    text = str(value)
    return quoted(text) if not _looks_plain(text) or (flow and _IN_FLOW.search(text)) else text


def _float(value: float) -> str:
    # YAML 1.1 readers want a dot and a sign in an exponent: 1e-06 is text to them, 1.0e-06 a number.
    text = repr(value)
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    sign = exponent[0] if exponent[0] in "+-" else "+"
    digits = exponent.lstrip("+-").lstrip("0") or "0"
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{sign}{digits}"


def key(text: str, flow: bool = False) -> str:
    """A key of a mapping."""
    return (
        quoted(text)
        if not _looks_plain(text) or ":" in text or "#" in text or (flow and _IN_FLOW.search(text))
        else text
    )


def flow(value: Any) -> str:
    """Any value on one line."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_any_key(k)}: {flow(v)}" for k, v in value.items())
        return "{" + inside + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value, flow=True)


def _any_key(value: Any) -> str:
    return key(value, flow=True) if isinstance(value, str) else scalar(value, flow=True)


def literal_block(text: str, indent: int) -> str | None:
    """The text as a `|` block whose lines are indented by `indent`, or None if a block cannot hold it."""
    lines = text.split("\n")
    body = text.rstrip("\n")
    if (
        "\n" not in body
        or _UNSAFE_BLOCK.search(text)
        or body[0] in " \n"
        or any(line.strip() == "" and line for line in lines)
    ):
        return None
    trailing = len(text) - len(body)
    chomp = {0: "-", 1: ""}.get(trailing)
    if chomp is None:
        return None
    return f"|{chomp}\n" + "\n".join(" " * indent + line if line else "" for line in body.split("\n"))


def entry(name: Any, value: Any, indent: int = 0, expand: bool = False, prefix: str = "") -> str:
    """`name: value` as block text without a final line break; continuation lines are indented by `indent` spaces.

    Mappings and lists go on one line where they fit and `expand` does not forbid it. `prefix` stands before the name (`- `).
    """
    head = f"{' ' * (indent - len(prefix))}{prefix}{_any_key(name)}:"
    inner = indent + 2
    if isinstance(value, Mapping) and value:
        line = f"{head} {flow(value)}"
        if not expand and len(line) <= WIDTH and not _multiline(value):
            return line
        return "\n".join([head, *(entry(k, v, inner) for k, v in value.items())])
    if isinstance(value, list | tuple) and value:
        line = f"{head} {flow(value)}"
        if not expand and len(line) <= WIDTH and not _multiline(value):
            return line
        return "\n".join([head, *(item(v, inner) for v in value)])
    return f"{head} {block_scalar(value, inner)}"


def block_scalar(value: Any, indent: int) -> str:
    """A scalar, or an empty collection, behind `name:` or `-`."""
    if isinstance(value, Mapping | list | tuple):
        return flow(value)
    if isinstance(value, str) and "\n" in value and (block := literal_block(value, indent)) is not None:
        return block
    return scalar(value)


def item(value: Any, indent: int) -> str:
    """`- value` as block text."""
    head = " " * indent + "-"
    if isinstance(value, Mapping) and value:
        line = f"{head} {flow(value)}"
        if len(line) <= WIDTH and not _multiline(value):
            return line
        pairs = list(value.items())
        first = entry(pairs[0][0], pairs[0][1], indent + 2, prefix="- ")
        return "\n".join([first, *(entry(k, v, indent + 2) for k, v in pairs[1:])])
    if isinstance(value, list | tuple) and value:
        return f"{head} {flow(value)}"
    return f"{head} {block_scalar(value, indent + 2)}"


def _multiline(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_multiline(v) for v in value.values())
    if isinstance(value, list | tuple):
        return any(_multiline(v) for v in value)
    return isinstance(value, str) and "\n" in value.rstrip("\n")
