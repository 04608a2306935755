"""Where the parts of a statistic's file are: header, CTEs, final SELECT. Nothing is understood, so nothing can fail to parse."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ssgproj.project.sql_text import Kind, Lexis, Piece, words

QUERY_RESULT = "query_result"

_HEADER = re.compile(r"\ufeff?\s*(/\*\s*ssg:stat\b)(.*?)\*/", re.S)
_BLANKS = " \t\r\n"


@dataclass(frozen=True, slots=True)
class CtePart:
    """One `name [(columns)] AS (body)`. `start` is where its name begins, `end` behind its closing bracket."""

    name: str
    start: int
    name_end: int
    body_start: int
    body_end: int
    has_column_list: bool

    @property
    def end(self) -> int:
        return self.body_end + 1


@dataclass(frozen=True, slots=True)
class StatText:
    """The parts of a file, as offsets. `header` is the YAML; `body` where the SQL begins; `rest` where the CTEs end.

    `recursive` says WITH RECURSIVE. `open_with`: the WITH list breaks off, so that where the final SELECT begins is not known.
    """

    header: tuple[int, int] | None
    body: int
    with_start: int | None = None
    ctes: tuple[CtePart, ...] = ()
    rest: int = 0
    recursive: bool = False
    open_with: bool = False


def split(text: str, rules: Lexis) -> StatText:
    """Find the parts of `text`."""
    match = _HEADER.match(text)
    header = (match.start(2), match.end(2)) if match else None
    body = match.end() if match else 0
    pieces = list(words(text, rules, body))
    if not pieces or _word(text, pieces, 0) != "with":
        return StatText(header, body, rest=pieces[0].start if pieces else len(text))
    at = 1
    recursive = _word(text, pieces, at) == "recursive"
    at += recursive
    ctes: list[CtePart] = []
    while True:
        found = _cte(text, pieces, at)
        if found is None:
            return StatText(header, body, pieces[0].start, tuple(ctes), len(text), recursive, open_with=True)
        cte, at = found
        ctes.append(cte)
        if at >= len(pieces) or text[pieces[at].start] != ",":
            break
        at += 1
    end = ctes[-1].end
    return StatText(header, body, pieces[0].start, tuple(ctes), end, recursive)


def _word(text: str, pieces: list[Piece], at: int) -> str:
    if at >= len(pieces) or pieces[at].kind is not Kind.WORD:
        return ""
    return text[pieces[at].start : pieces[at].end].lower()


def _cte(text: str, pieces: list[Piece], at: int) -> tuple[CtePart, int] | None:
    if at >= len(pieces) or pieces[at].kind not in (Kind.WORD, Kind.QUOTED):
        return None
    name = pieces[at]
    at += 1
    column_list = at < len(pieces) and text[pieces[at].start] == "("
    if column_list:
        closed = _close(text, pieces, at)
        if closed is None:
            return None
        at = closed + 1
    if _word(text, pieces, at) != "as":
        return None
    at += 1
    if _word(text, pieces, at) == "not":
        at += 1
    if _word(text, pieces, at) == "materialized":
        at += 1
    if at >= len(pieces) or text[pieces[at].start] != "(":
        return None
    closed = _close(text, pieces, at)
    if closed is None:
        return None
    word = text[name.start : name.end]
    if name.kind is Kind.QUOTED:
        word = word[1:-1]
    cte = CtePart(word, name.start, name.end, pieces[at].end, pieces[closed].start, column_list)
    return cte, closed + 1


def _close(text: str, pieces: list[Piece], opening: int) -> int | None:
    """The index of the bracket that closes `pieces[opening]`."""
    depth = 0
    for index in range(opening, len(pieces)):
        if pieces[index].kind is Kind.PUNCTUATION:
            depth += {"(": 1, ")": -1}.get(text[pieces[index].start], 0)
            if depth == 0:
                return index
    return None


def query_result_sql(text: str, parts: StatText, rules: Lexis) -> str:
    """The query_result CTE as one complete SELECT, the CTEs before it in front: the exact text the source gets."""
    cte = parts.ctes[-1]
    body = text[cte.body_start : cte.body_end].strip(_BLANKS)
    earlier = parts.ctes[:-1]
    start = parts.with_start or parts.body
    nested = next((body[p.start : p.end].lower() for p in words(body, rules)), "") == "with"
    if not cte.has_column_list and not parts.recursive and not (earlier and nested):
        if not earlier:
            return body
        return f"{text[start : earlier[-1].end]}\n{body}"
    return f"{text[start : cte.end]}\nSELECT * FROM {text[cte.start : cte.name_end]}"


def final_select(text: str, parts: StatText) -> tuple[int, int]:
    """Where the final SELECT is, without the blanks around it."""
    start, end = parts.rest, len(text)
    while start < end and text[start] in _BLANKS:
        start += 1
    while end > start and text[end - 1] in _BLANKS:
        end -= 1
    return start, end
