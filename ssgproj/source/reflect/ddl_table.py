"""What only the text of a CREATE TABLE says in SQLite and DuckDB: checks, collations, names of constraints, options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ssgproj.source.reflect.ddl import Token, body, closing, source, split, tokens

_TABLE_WORDS = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}
_COLUMN_WORDS = {"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS"}


@dataclass(slots=True)
class ColumnText:
    """One column's definition."""

    name: str
    collation: str | None = None
    generated: str | None = None
    autoincrement: bool = False
    descending_key: bool = False


@dataclass(slots=True)
class KeyText:
    """A key: `kind` is PRIMARY, UNIQUE or FOREIGN."""

    kind: str
    columns: tuple[str, ...]
    name: str | None = None
    deferrable: str | None = None
    match_full: bool = False


@dataclass(slots=True)
class CheckText:
    """A CHECK."""

    sql: str
    name: str | None = None


@dataclass(slots=True)
class TableText:
    """A CREATE TABLE, read. `conflict` tells that there is an ON CONFLICT clause."""

    columns: dict[str, ColumnText] = field(default_factory=dict)
    keys: list[KeyText] = field(default_factory=list)
    checks: list[CheckText] = field(default_factory=list)
    options: str | None = None
    conflict: bool = False


def read_table(sql: str) -> TableText:
    """Read a CREATE TABLE. Columns are found by their names in lower case."""
    inside, after = body(tokens(sql))
    found = TableText(options=source(sql, after).rstrip("; ") or None)
    for part in split(inside):
        if part[0].upper in _TABLE_WORDS:
            _constraints(sql, found, part, 0, None)
        else:
            column = ColumnText(part[0].name)
            found.columns[column.name.lower()] = column
            start = next((k for k in range(1, len(part)) if _starts_constraint(part, k)), len(part))
            _constraints(sql, found, part, start, column)
    return found


def _starts_constraint(part: Sequence[Token], place: int) -> bool:
    word = part[place].upper
    following = part[place + 1].upper if place + 1 < len(part) else ""
    return word in _COLUMN_WORDS or (word == "GENERATED" and following == "ALWAYS")


def _constraints(sql: str, found: TableText, part: Sequence[Token], place: int, column: ColumnText | None) -> None:
    """Read constraints one after another: commas between them may be missing."""
    name: str | None = None
    while place < len(part):
        word = part[place].upper
        if word == "CONSTRAINT" and place + 1 < len(part):
            name = part[place + 1].name
            place += 2
            continue
        place = _one(sql, found, part, place, column, name)
        if word in ("PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "REFERENCES", "NOT", "DEFAULT", "COLLATE", "NULL", "AS"):
            name = None


def _one(
    sql: str, found: TableText, part: Sequence[Token], place: int, column: ColumnText | None, name: str | None
) -> int:
    """Read the constraint at `place`; returns where the next may begin."""
    word = part[place].upper
    if word == "CHECK":
        opening = _bracket(part, place)
        end = closing(part, opening)
        found.checks.append(CheckText(source(sql, part[opening + 1 : end]), name))
        return end + 1
    if word == "AS" and column is not None:
        opening = _bracket(part, place)
        end = closing(part, opening)
        column.generated = source(sql, part[opening + 1 : end])
        return end + 1
    if word == "COLLATE" and column is not None and place + 1 < len(part):
        place += 1
        column.collation = part[place].name
        while place + 2 < len(part) and part[place + 1].text == ".":
            place += 2
            column.collation += f".{part[place].name}"
        return place + 1
    if word in ("PRIMARY", "UNIQUE"):
        return _key(found, part, place, column, name)
    if word == "FOREIGN":
        opening = _bracket(part, place)
        end = closing(part, opening)
        found.keys.append(KeyText("FOREIGN", _names(part[opening + 1 : end]), name))
        return end + 1
    if word == "REFERENCES":
        if column is not None:
            found.keys.append(KeyText("FOREIGN", (column.name,), name))
        return _reference(found.keys[-1] if found.keys else None, part, place)
    if word == "ON" and place + 1 < len(part) and part[place + 1].upper == "CONFLICT":
        found.conflict = True
    if word == "AUTOINCREMENT" and column is not None:
        column.autoincrement = True
    if part[place].text == "(":
        return closing(part, place) + 1
    return place + 1


def _key(found: TableText, part: Sequence[Token], place: int, column: ColumnText | None, name: str | None) -> int:
    kind = part[place].upper
    place += 2 if kind == "PRIMARY" else 1
    if column is not None:
        found.keys.append(KeyText(kind, (column.name,), name))
        column.descending_key = kind == "PRIMARY" and place < len(part) and part[place].upper == "DESC"
        return place
    opening = _bracket(part, place - 1)
    end = closing(part, opening)
    inside = part[opening + 1 : end]
    for token in inside:
        if token.upper == "AUTOINCREMENT" and inside[0].name.lower() in found.columns:
            found.columns[inside[0].name.lower()].autoincrement = True
    found.keys.append(KeyText(kind, _names(inside), name))
    return end + 1


def _reference(key: KeyText | None, part: Sequence[Token], place: int) -> int:
    place += 2
    if place < len(part) and part[place].text == ".":
        place += 2
    if place < len(part) and part[place].text == "(":
        place = closing(part, place) + 1
    while place < len(part):
        word = part[place].upper
        following = part[place + 1].upper if place + 1 < len(part) else ""
        if word == "ON" and following in ("DELETE", "UPDATE"):
            place += 4 if place + 2 < len(part) and part[place + 2].upper in ("SET", "NO") else 3
        elif word == "MATCH":
            if key is not None:
                key.match_full = following == "FULL"
            place += 2
        elif word == "NOT" and following == "DEFERRABLE":
            place += 2
        elif word == "DEFERRABLE":
            if key is not None:
                key.deferrable = "deferrable"
            place += 1
        elif word == "INITIALLY":
            if key is not None and key.deferrable and following == "DEFERRED":
                key.deferrable = "initially deferred"
            place += 2
        else:
            break
    return place


def _bracket(part: Sequence[Token], place: int) -> int:
    return next((k for k in range(place, len(part)) if part[k].text == "("), len(part) - 1)


def _names(part: Sequence[Token]) -> tuple[str, ...]:
    return tuple(piece[0].name for piece in split(part) if piece)


@dataclass(frozen=True, slots=True)
class IndexText:
    """A CREATE INDEX: its keys as (column or None, expression or None, suffix or None), and its condition."""

    parts: tuple[tuple[str | None, str | None, str | None], ...]
    where: str | None


def read_index(sql: str) -> IndexText:
    """Read a CREATE INDEX."""
    inside, after = body(tokens(sql))
    parts: list[tuple[str | None, str | None, str | None]] = []
    for part in split(inside):
        end = len(part)
        suffix: list[str] = []
        while end > 1 and part[end - 1].upper in ("ASC", "DESC", "FIRST", "LAST", "NULLS"):
            end -= 1
            if part[end].upper != "ASC":
                suffix.insert(0, part[end].upper)
        if end > 2 and part[end - 2].upper == "COLLATE":
            suffix.insert(0, f"COLLATE {part[end - 1].text}")
            end -= 2
        key = part[:end]
        written = " ".join(suffix) or None
        if len(key) == 1 and key[0].kind in ("word", "quoted", "string"):
            parts.append((key[0].name, None, written))
        else:
            if key[0].text == "(" and closing(key, 0) == len(key) - 1:
                key = key[1:-1]
            parts.append((None, source(sql, key), written))
    where = None
    for place, token in enumerate(after):
        if token.upper == "WHERE":
            where = source(sql, [t for t in after[place + 1 :] if t.text != ";"])
            break
    return IndexText(tuple(parts), where)
