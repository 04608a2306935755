"""Records of a CSV file as they stand in it: to count them, and to tell people where a value is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ssgproj.diagnostics import Location


@dataclass(frozen=True, slots=True)
class Record:
    """The bytes of one record, without its line end, and how many lines it takes."""

    text: bytes
    lines: int

    def parts(self) -> list[str]:
        """The fields as they are written, quotes and all. Raises UnicodeDecodeError."""
        parts, current, quoted = [], "", False
        for character in self.text.decode("utf-8-sig"):
            if character == '"':
                quoted = not quoted
            if character == "," and not quoted:
                parts.append(current)
                current = ""
            else:
                current += character
        return [*parts, current]

    def fields(self) -> list[str]:
        """The fields, unquoted."""
        return [
            p[1:-1].replace('""', '"') if p[:1] == '"' and p[-1:] == '"' and len(p) > 1 else p for p in self.parts()
        ]

    def columns(self) -> list[int]:
        """Where each field begins, in characters from 1, in a record of one line."""
        starts, at = [], 1
        for part in self.parts():
            starts.append(at)
            at += len(part) + 1
        return starts


def records(path: Path) -> Iterator[Record]:
    """All records of a file, the header too, in bounded memory as long as each record is short."""
    held: list[bytes] = []
    quotes = 0
    with path.open("rb") as file:
        for line in file:
            held.append(line)
            quotes += line.count(b'"')
            if quotes % 2 == 0:
                yield Record(_stripped(held), len(held))
                held, quotes = [], 0
    if held:
        yield Record(_stripped(held), len(held))


def record_place(path: Path, shown: str, record: int, field: int) -> Location:
    """The line and column at which a field of a record begins; records and fields count from 0."""
    line = 1
    for i, found in enumerate(records(path)):
        if i == record:
            before = ",".join(found.parts()[:field])
            text = before + "," if field else ""
            return Location(shown, line + text.count("\n"), len(text) - (text.rfind("\n") + 1) + 1)
        line += found.lines
    return Location(shown, line)


def _stripped(lines: list[bytes]) -> bytes:
    text = b"".join(lines)
    return text.removesuffix(b"\n").removesuffix(b"\r")
