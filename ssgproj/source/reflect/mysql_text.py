"""MariaDB's and MySQL's own texts, made short where nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ssgproj.source.reflect.ddl import body, closing, source, split, tokens

_WIDTHS = {
    "tinyint": ("4", "3"), "smallint": ("6", "5"), "mediumint": ("9", "8"), "int": ("11", "10"), "bigint": ("20", "20"),
}  # fmt: skip
_INTEGER = re.compile(r"(tinyint|smallint|mediumint|int|bigint)\((\d+)\)( unsigned)?( zerofill)?")


def short_type(text: str) -> str:
    """A column's type without the display widths that every integer has: `int unsigned`, `year`, `decimal(10, 2)`."""
    if match := _INTEGER.fullmatch(text):
        name, width, unsigned, zerofill = match.groups()
        if not zerofill and width == _WIDTHS[name][bool(unsigned)]:
            return name + (unsigned or "")
        return text
    if text == "year(4)":
        return "year"
    return re.sub(r"^(decimal)\((\d+),(\d+)\)", r"\1(\2, \3)", text)


def quoted(name: str) -> str:
    """A name in backticks."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A string constant."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def table_options(create: str) -> str | None:
    """What follows the columns in a CREATE TABLE, without the comment, which has its own place, and without the
    counter, which tells how many rows there were."""
    part = tokens(create)
    opening = next((k for k, t in enumerate(part) if t.text == "("), None)
    if opening is None:
        return None
    end = closing(part, opening)
    text = create[part[end].end :]
    head, partition = _before_partitions(text)
    head = re.sub(r"\s*\bCOMMENT='(?:[^'\\]|''|\\.)*'", "", head)
    head = re.sub(r"\s*\bAUTO_INCREMENT=\d+", "", head)
    return re.sub(r"\s*\n\s*", " ", f"{head.strip()}{partition}").strip() or None


def _before_partitions(text: str) -> tuple[str, str]:
    match = re.search(r"\s(?:/\*!\d+\s+)?PARTITION BY\b", text)
    return (text, "") if match is None else (text[: match.start()], text[match.start() :])


def column_lines(create: str) -> Iterator[tuple[str, str]]:
    """Each column's name and whole definition in a CREATE TABLE."""
    inside, _ = body(tokens(create))
    for part in split(inside):
        if part and part[0].kind == "quoted":
            yield part[0].name, source(create, part)


_ESCAPED = re.compile(r"_utf8mb[34]\\?'")


def mysql_expression(text: str) -> str:
    """An expression of MySQL's catalog without its escapes and character set marks."""
    return _ESCAPED.sub("'", text.replace("\\'", "'"))
