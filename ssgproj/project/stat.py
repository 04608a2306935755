"""`stats/*.sql` → `Stat`: the header, the query that runs at the source, the query that SmartNoise runs, and what they release.

A file that breaks a rule still becomes a `Stat` as far as it can be read, so that lint can say everything at once; what cannot be used
is None or empty.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.project.project import Settings
from ssgproj.project.smartnoise import tree
from ssgproj.project.smartnoise.parser import parse
from ssgproj.project.smartnoise.types import value_type
from ssgproj.project.sql_text import Kind, Lexis, Places, lexis, meaning, scan
from ssgproj.project.stat_header import DEFAULT_MIN_PEOPLE, Header, StatColumn, read_header
from ssgproj.project.stat_text import QUERY_RESULT, StatText, final_select, query_result_sql, split
from ssgproj.project.suggest import closest

STATS_DIR = "stats"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class StatOutput:
    """One released column. `type` is int, float, string, boolean or datetime, or None where it cannot be told. `key`: it is grouped by."""

    name: str
    type: str | None
    key: bool = False
    at: Location = field(default=Location(""), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Stat:
    """One statistic.

    `query_result` is the SQL sent to the source, `dp` the SQL sent to SmartNoise, both exactly; a statistic without differential
    privacy (`private` False) has no `dp`, and its `query_result` is the whole query. `epsilon` and `delta` are totals for the file.
    `dp_start` is where `dp` begins in `text`; `sql_start` where the SQL of the source does, which runs to `sql_end`.
    """

    name: str
    path: str
    text: str
    dialect: str
    private: bool = True
    description: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    epsilon: float | None = None
    delta: float | None = None
    max_ids: int | None = None
    columns: tuple[StatColumn, ...] = ()
    reason: str | None = None
    min_people: int = DEFAULT_MIN_PEOPLE
    on_small: str = "refuse"
    query_result: str = ""
    dp: str = ""
    query: tree.Query | None = None
    outputs: tuple[StatOutput, ...] = ()
    places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)
    parts: StatText | None = field(default=None, compare=False, repr=False)
    dp_start: int = 0
    sql_start: int = 0
    sql_end: int = 0
    readable: bool = True
    """Whether the two halves could be told apart; if not, the reason is among the diagnostics of parsing."""

    @property
    def node_id(self) -> str:
        return f"stat.{self.name}"

    @property
    def at(self) -> Location:
        return Location(self.path)

    def column(self, name: str) -> StatColumn | None:
        """The header's column of this name, or None."""
        return next((c for c in self.columns if c.name == name), None)

    @property
    def private_id(self) -> StatColumn | None:
        """The one column marked `private_id`, or None if there is none or several."""
        marked = [c for c in self.columns if c.private_id]
        return marked[0] if len(marked) == 1 else None

    def output(self, name: str) -> StatOutput | None:
        """The released column of this name, or None."""
        return next((o for o in self.outputs if o.name == name), None)

    def place(self, key: str) -> Location:
        """Where a header key (`columns.age.lower`) stands, or the nearest key above it, or the file's beginning."""
        while key:
            if key in self.places:
                return self.places[key]
            key = key.rpartition(".")[0]
        return self.at

    def sql_place(self, start: int, end: int | None = None) -> Location:
        """The place of offsets into the file's text."""
        return Places(self.path, self.text).at(start, end)

    def dp_place(self, start: int, end: int | None = None) -> Location:
        """The place of offsets into `dp`."""
        return self.sql_place(start + self.dp_start, None if end is None else end + self.dp_start)

    @property
    def meaning(self) -> str:
        """The sha256 of what the file means: it stays the same for any change of description, owner, tags, comments or layout."""
        rules = lexis(self.dialect)
        columns = [
            [c.name, c.type, c.private_id, _plain(c.lower), _plain(c.upper), _plain(c.missing_value), c.nullable]
            for c in sorted(self.columns, key=lambda c: c.name)
        ]
        header: list[object] = (
            [_plain(self.epsilon), _plain(self.delta), self.max_ids, columns]
            if self.private
            else ["none", self.min_people, self.on_small]
        )
        said = [header, meaning(self.query_result, rules), _dp_meaning(self.dp)]
        return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()


def _plain(value: object) -> object:
    """Numbers as floats, so that `1` and `1.0` mean the same."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _dp_meaning(dp: str) -> str:
    from ssgproj.project.smartnoise.lexer import T, tokenize

    parts = [t.text.lower() if t.kind is T.WORD else t.text for t in tokenize(dp)][:-1]
    while parts and parts[-1] == ";":
        parts.pop()
    return " ".join(parts)


def parse_stats(root: Path, settings: Settings) -> tuple[tuple[Stat, ...], list[Diagnostic]]:
    """Every statistic under `stats/`, by name, and what is wrong with the files as files."""
    directory = root / STATS_DIR
    if not directory.is_dir():
        return (), []
    stats: dict[str, Stat] = {}
    problems: list[Diagnostic] = []
    for path in sorted(directory.rglob("*.sql")):
        name = path.relative_to(root).as_posix()
        text, problem = _read(path, name)
        if problem is not None:
            problems.append(problem)
            continue
        stat, found = parse_stat(text, name, settings.dialect)
        problems.extend(found)
        if stat.name in stats:
            other = stats[stat.name].path
            problems.append(
                Diagnostic(
                    "SF009",
                    "stat-name",
                    f"`{other}` is called `{stat.name}` too",
                    Location(name),
                    f"rename the file: git mv {name} stats/other_{stat.name}.sql",
                )
            )
            continue
        stats[stat.name] = stat
    return tuple(stats.values()), problems


def _read(path: Path, name: str) -> tuple[str, Diagnostic | None]:
    try:
        return path.read_bytes().decode("utf-8"), None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return "", Diagnostic(
            "SF002", "invalid-header", "The file is not UTF-8 text", Location(name, line), "save the file as UTF-8"
        )
    except OSError as error:
        return "", Diagnostic("SF002", "invalid-header", f"Cannot read `{name}`: {error.strerror}", Location(name))


def parse_stat(text: str, path: str, dialect: str) -> tuple[Stat, list[Diagnostic]]:
    """One file. `path` is relative to the project root."""
    rules = lexis(dialect)
    places = Places(path, text)
    parts = split(text, rules)
    problems = list(_name_problems(path))
    if parts.header is None:
        header = Header()
        problems.append(_missing_header(text, path))
    else:
        header = read_header(text, parts.header, places)
        problems.extend(header.problems)
    values = dict(header.values)
    values.pop("privacy", None)
    private = header.private
    queries = _private(text, parts, rules) if private else _plain_query(text, parts)
    if private:
        problems.extend(_structure(text, parts, places))
    stat = Stat(
        Path(path).stem, path, text, dialect, private=private, columns=header.columns, places=header.places, parts=parts, **values, **queries
    )  # fmt: skip
    return _with_outputs(stat), problems


def _name_problems(path: str) -> list[Diagnostic]:
    stem = Path(path).stem
    if _NAME.fullmatch(stem):
        return []
    better = re.sub(r"\W+", "_", stem, flags=re.ASCII).strip("_") or "my_stat"
    better = better if not better[0].isdigit() else f"stat_{better}"
    message = f"A statistic cannot be called `{stem}`: models refer to it by its file's name"
    return [Diagnostic("SF009", "stat-name", message, Location(path), f"rename the file to `{better}.sql`")]


def _missing_header(text: str, path: str) -> Diagnostic:
    hint = "begin the file with /* ssg:stat, the header's YAML, and */"
    match = re.match(r"\s*/\*\s*([\w:.-]+)", text)
    if match and closest(match[1], ["ssg:stat"]):
        hint = f"did you mean `ssg:stat` instead of `{match[1]}`?"
    return Diagnostic(
        "SF001", "missing-header", "The file does not begin with an `ssg:stat` comment", Location(path), hint
    )


def _private(text: str, parts: StatText, rules: Lexis) -> dict[str, Any]:
    index = next((i for i, c in enumerate(parts.ctes) if c.name.lower() == QUERY_RESULT), None)
    if index is None or parts.open_with:
        return {"sql_start": parts.body, "sql_end": parts.rest, "readable": False}
    cut = StatText(
        parts.header, parts.body, parts.with_start, parts.ctes[: index + 1], parts.ctes[index].end, parts.recursive
    )
    start, end = final_select(text, parts)
    dp = text[start:end]
    return {
        "query_result": query_result_sql(text, cut, rules),
        "dp": dp,
        "query": parse(dp),
        "dp_start": start,
        "sql_start": parts.with_start or parts.body,
        "sql_end": cut.ctes[-1].end,
    }


def _plain_query(text: str, parts: StatText) -> dict[str, Any]:
    start = parts.with_start if parts.with_start is not None else parts.rest
    body = text[start:].rstrip(" \t\r\n;")
    return {"query_result": body, "sql_start": start, "sql_end": start + len(body)}


def _structure(text: str, parts: StatText, places: Places) -> list[Diagnostic]:
    hint = "write WITH query_result AS (SELECT ...) SELECT ... FROM query_result"
    if parts.open_with:
        at = places.at(parts.with_start or parts.body)
        return [
            Diagnostic("SF004", "missing-query-result", "The WITH list breaks off", at, f"close its brackets: {hint}")
        ]
    names = [c.name.lower() for c in parts.ctes]
    if QUERY_RESULT not in names:
        place = parts.with_start if parts.with_start is not None else parts.rest
        near = closest(QUERY_RESULT, names) if names else None
        if near:
            hint = f"rename the CTE `{near}` to `query_result`"
        elif names:
            hint = "call the last CTE `query_result`"
        return [
            Diagnostic(
                "SF004",
                "missing-query-result",
                "There is no CTE named `query_result`",
                _word_at(text, place, places),
                hint,
            )
        ]
    index = names.index(QUERY_RESULT)
    if index < len(names) - 1:
        after = parts.ctes[index + 1]
        message = f"`query_result` must be the last CTE, but `{after.name}` follows it"
        hint = f"move `{after.name}` before `query_result`, or do its work there"
        return [
            Diagnostic(
                "SN101", "final-select-reads-query-result", message, places.at(after.start, after.name_end), hint
            )
        ]
    return []


def _word_at(text: str, start: int, places: Places) -> Location:
    match = re.compile(r"\w+").match(text, start)
    return places.at(start, match.end() if match else None)


def _with_outputs(stat: Stat) -> Stat:
    from dataclasses import replace

    if stat.query is not None:
        types = {c.name: c.type for c in stat.columns if c.type}
        keys = {k.key() for k in stat.query.group}
        places = Places(stat.path, stat.text)
        outputs = tuple(
            StatOutput(
                o.name,
                value_type(o.value, types),
                o.value.key() in keys,
                places.at(o.start + stat.dp_start, o.end + stat.dp_start),
            )
            for o in stat.query.outputs
            if o.name is not None
        )
        return replace(stat, outputs=outputs)
    if not stat.private:
        from ssgproj.project.stat_plain import plain_outputs

        return replace(stat, outputs=plain_outputs(stat))
    return stat


def comments(stat: Stat) -> list[tuple[str, int, int]]:
    """Every comment of the file behind its header, with its place in the text: `noqa` lives in them."""
    rules = lexis(stat.dialect)
    start = stat.parts.body if stat.parts else 0
    return [
        (stat.text[p.start : p.end], p.start, p.end) for p in scan(stat.text, rules, start) if p.kind is Kind.COMMENT
    ]
