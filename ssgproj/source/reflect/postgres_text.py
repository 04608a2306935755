"""PostgreSQL's own texts, made short and made to survive another round: types and expressions.

An expression that `pg_get_expr` writes mostly parses to the same tree again. Two common ones do not, and every dump of a
restored dump differs there; they are turned back into what people write, which does:

* `x IN ('a', 'b')` on a varchar is printed with a cast of the whole array, which the parser pushes into its elements
  (any other such array is cast to its own type first, which changes nothing and keeps the second cast where it is);
* `x BETWEEN a AND b AND ...` is printed as nested ANDs, which the parser flattens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHORT = (
    (re.compile(r"^character varying"), "varchar"),
    (re.compile(r"^bit varying"), "varbit"),
    (re.compile(r"^character\("), "char("),
    (re.compile(r"^timestamp(\(\d\))? with time zone"), r"timestamptz\1"),
    (re.compile(r"^timestamp(\(\d\))? without time zone"), r"timestamp\1"),
    (re.compile(r"^time(\(\d\))? with time zone"), r"timetz\1"),
    (re.compile(r"^time(\(\d\))? without time zone"), r"time\1"),
    (re.compile(r"^numeric\((\d+),(-?\d+)\)"), r"numeric(\1, \2)"),
)


def short_type(text: str) -> str:
    """A type as people write it: `varchar(10)` for `character varying(10)`. It means the same."""
    for pattern, replacement in _SHORT:
        text = pattern.sub(replacement, text)
    return text


def expression(text: str) -> str:
    """An expression that parses to the tree it was printed from."""
    return _restore_between(_keep_array_casts(_restore_in(text)))


def condition(text: str) -> str:
    """A CHECK's or an index's condition, as `expression`, without its outer brackets."""
    return strip_brackets(expression(text))


def strip_brackets(text: str) -> str:
    """The text without one pair of brackets around all of it."""
    if text.startswith("(") and closing(text, 0) == len(text) - 1:
        return text[1:-1]
    return text


def closing(text: str, opening: int) -> int:
    """Where the bracket opened at `opening` closes, or -1. Brackets inside quotes do not count."""
    depth = 0
    for place, character in _outside_quotes(text, opening):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
            if depth == 0:
                return place
    return -1


def _outside_quotes(text: str, start: int = 0) -> Iterator[tuple[int, str]]:
    place = start
    while place < len(text):
        character = text[place]
        if character in "'\"":
            before = text[max(place - 2, 0) : place]
            escapes = character == "'" and before[-1:] in ("e", "E") and not before[:-1].isalnum()
            place += 1
            while place < len(text):
                if escapes and text[place] == "\\":
                    place += 2
                    continue
                if text[place] == character:
                    if text[place + 1 : place + 2] != character:
                        break
                    place += 1
                place += 1
        else:
            yield place, character
        place += 1


_CAST_ARRAY = re.compile(r"::text (?P<operator>=|<>) (?P<quantifier>ANY|ALL) \(\(ARRAY\[")
_ELEMENT = re.compile(r"^('(?:[^']|'')*')::character varying$")


def _restore_in(text: str) -> str:
    """`((x)::text = ANY ((ARRAY['a'::character varying])::text[]))` as `(x IN ('a'))`."""
    start = 0
    while match := _CAST_ARRAY.search(text, start):
        start = match.end()
        opening = match.end() - len("(ARRAY[") - 1
        end = closing(text, opening)
        array_end = closing(text, match.end() - 1)
        if end < 0 or array_end < 0 or text[array_end + 1 : end] != ")::text[]":
            continue
        begin = _operand_start(text, match.start())
        operand = text[begin : match.start()]
        elements = [e.strip() for e in _split(text[match.end() : array_end])]
        literals = [_ELEMENT.match(e) for e in elements]
        if not operand.startswith("(") or len(elements) < 2 or not all(literals):
            continue
        word = "IN" if (match["operator"], match["quantifier"]) == ("=", "ANY") else "NOT IN"
        if word == "NOT IN" and (match["operator"], match["quantifier"]) != ("<>", "ALL"):
            continue
        values = ", ".join(e[1] for e in literals if e)
        restored = f"{_plain_operand(operand)} {word} ({values})"
        text = text[:begin] + restored + text[end + 1 :]
        start = begin + len(restored)
    return text


_ARRAY = re.compile(r"\(ARRAY\[")
_INTEGER, _DECIMAL = re.compile(r"-?\d{1,9}"), re.compile(r"-?\d+\.\d+")


def _keep_array_casts(text: str) -> str:
    """`(ARRAY['a'::x])::y[]` as `(ARRAY['a'::x]::x[])::y[]`."""
    start = 0
    while match := _ARRAY.search(text, start):
        start = match.end()
        end, array_end = closing(text, match.start()), closing(text, match.end() - 1)
        if array_end < 0 or end != array_end + 1 or not text[end + 1 :].startswith("::"):
            continue
        kinds = {_kind_of(element.strip()) for element in _split(text[match.end() : array_end])}
        if len(kinds) == 1 and (kind := kinds.pop()) is not None:
            text = f"{text[: array_end + 1]}::{kind}[]{text[array_end + 1 :]}"
    return text


def _kind_of(element: str) -> str | None:
    """The type of a constant or of what ends in a cast; None for anything else."""
    if _INTEGER.fullmatch(element):
        return "integer"
    if _DECIMAL.fullmatch(element):
        return "numeric"
    colons = [place for place, _ in _outside_quotes(element) if element.startswith("::", place)]
    kind = element[colons[-1] + 2 :] if colons else ""
    return kind if re.fullmatch(r'[a-z_"][\w." ]*', kind) else None


def _operand_start(text: str, end: int) -> int:
    """Where the bracketed operand that ends just before `end` begins."""
    opened: list[int] = []
    found = end
    for place, character in _outside_quotes(text):
        if place >= end:
            break
        if character in "([":
            opened.append(place)
        elif character in ")]" and opened:
            found = opened.pop()
    return found if text[end - 1 : end] == ")" else end


def _plain_operand(operand: str) -> str:
    inner = strip_brackets(operand)
    return inner if re.fullmatch(r'VALUE|[a-z_][a-z0-9_]*|"(?:[^"]|"")+"', inner) else operand


def _split(text: str) -> list[str]:
    depth, last, parts = 0, 0, []
    for place, character in _outside_quotes(text):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[last:place])
            last = place + 1
    return [*parts, text[last:]]


_COMPARISON = re.compile(r"^\((?P<left>.+) >= (?P<low>.+)\) AND \((?P=left) <= (?P<high>.+)\)$", re.DOTALL)


def _restore_between(text: str) -> str:
    """`(((x >= 1) AND (x <= 5)) AND y)` as `((x BETWEEN 1 AND 5) AND y)`: only where ANDs nest at the left."""
    start = 0
    while (place := text.find("((", start)) >= 0:
        start = place + 1
        if not _is_outside_quotes(text, place):
            continue
        end = closing(text, place)
        inner_end = closing(text, place + 1)
        if end < 0 or inner_end < 0 or not text[inner_end + 1 : end].startswith(" AND "):
            continue
        inner = text[place + 2 : inner_end]
        match = _COMPARISON.match(inner)
        if not match or closing(inner, 0) != match.end("low"):
            continue
        text = f"{text[: place + 1]}({match['left']} BETWEEN {match['low']} AND {match['high']}){text[inner_end + 1 :]}"
    return text


def _is_outside_quotes(text: str, place: int) -> bool:
    return any(found == place for found, _ in _outside_quotes(text))
