"""`ssg_project.yml` → `Settings`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ssgproj import __version__
from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.errors import SsgError
from ssgproj.project import yaml_node as y
from ssgproj.project.discovery import PROJECT_FILE
from ssgproj.project.names import split_name
from ssgproj.project.project import Generation, PrivacySettings, Settings
from ssgproj.project.reader import Converted, Field, ListOf, MapOf, Plain, Record
from ssgproj.project.reading import INVALID, PROJECT_CODES, Failure, Reading
from ssgproj.project.scalar_types import Integer, Number, Text
from ssgproj.project.suggest import suggestion
from ssgproj.project.yaml_file import YamlFile, read_yaml

DIALECTS = (
    "athena", "bigquery", "clickhouse", "databricks", "doris", "drill", "druid", "duckdb", "exasol", "fabric", "hive",
    "materialize", "mysql", "oracle", "postgres", "presto", "redshift", "risingwave", "singlestore", "snowflake", "spark",
    "sqlite", "starrocks", "teradata", "trino", "tsql",
)  # fmt: skip
_SYNONYMS = {
    "mariadb": "mysql", "postgresql": "postgres", "pg": "postgres", "mssql": "tsql", "sqlserver": "tsql",
    "sql server": "tsql", "sqlite3": "sqlite",
}  # fmt: skip
_CLAUSE = r"\s*[<>=!~]{1,2}\s*[0-9][\w.]*\s*"
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"


def _dialect(text: str, _: Location) -> Any:
    if text in DIALECTS:
        return text
    if (known := _SYNONYMS.get(text.lower())) is not None:
        return Failure(f"cannot be `{text}`", f"write {known}")
    return Failure(f"cannot be `{text}`", suggestion(text, DIALECTS))


def _locale(text: str, _: Location) -> Any:
    from importlib.util import find_spec

    # Mimesis itself takes longer to import than a project to read, so its folders are asked.
    found = find_spec("mimesis")
    if found is None or found.origin is None:
        return text
    known = [d.name for d in (Path(found.origin).parent / "datasets").glob("??*") if (d / "person.json").is_file()]
    name = text.lower().replace("_", "-")
    return text if name in known or not known else Failure(f"cannot be `{text}`", suggestion(name, known))


def _unit(text: str, _: Location) -> Any:
    parts = split_name(text)
    if parts is None or len(parts) not in (2, 3):
        return Failure("must be a column: `table.column`", "for example: unit: users.id")
    return text


def _moment(text: str, _: Location) -> Any:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return Failure("must be a date or a date and time", 'for example: now: "2025-01-01 12:00"')
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _same(values: dict[str, Any], _: Location) -> dict[str, Any]:
    return values


class _VarsType(MapOf):
    """Variables and arguments: names are identifiers, so that `var.NAME` can be found in a text."""

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        values = MapOf.read(self, node, reading, name)
        if values is INVALID or type(node) is not y.Mapping:
            return values
        for key, entry in node.entries.items():
            if not re.fullmatch(_VARIABLE, key):
                reading.bad_value(f"`{key}` cannot be a name here", entry.key, "use letters, digits and `_`")
                values.pop(key, None)
        return values

    def schema(self) -> dict[str, Any]:
        return {"type": ["object", "null"], "propertyNames": {"pattern": f"^{_VARIABLE}$"}}


PROJECT = Record(
    {
        "name": Field(
            Text("a name of letters, digits, `_` and `-`", pattern=r"[A-Za-z_][\w-]*", example="name: airbnb"),
            "The project's name.", required=True,
        ),
        "config_version": Field(Integer(1, 1), "The version of this file's format: 1."),
        "profile": Field(Text(), "Which profile of profiles.yml holds the connections (default: the project's name)."),
        "source": Field(
            Record(
                {
                    "dialect": Field(
                        Converted(Text(), _dialect), "The SQL dialect of stats/*.sql and of SQL in models, by sqlglot's name."
                    ),
                    "default_schema": Field(Text(), "The schema of tables whose model names none."),
                },
                _same,
            ),
            "The private database.",
        ),
        "privacy": Field(
            Record(
                {
                    "unit": Field(Converted(Text(), _unit), "The column whose values are the people protected: `users.id`."),
                    "budget": Field(
                        Record(
                            {
                                "epsilon": Field(Number(above=0), "What all stats together may spend."),
                                "delta": Field(Number(minimum=0, maximum=1), "What all stats together may spend."),
                            },
                            _same,
                        ),
                        "The budget for the whole life of the project.",
                    ),
                },
                _same,
            ),
            "Whose privacy is protected, and how much of it may be spent.",
        ),
        "generation": Field(
            Record(
                {
                    "seed": Field(Integer(0, 2**63 - 1), "The same seed gives the same rows."),
                    "locale": Field(
                        Converted(Text(pattern=r"[A-Za-z]{2,3}([-_][A-Za-z]+)*"), _locale), "The language of names, addresses and texts."
                    ),
                    "rows": Field(Integer(0), "Rows per pass of models that do not say."),
                    "null_rate": Field(Number(0, 1), "Share of NULLs in nullable columns that do not say."),
                    "now": Field(
                        Converted(Text(), _moment), "The project's idea of the present (UTC), so that no row depends on the clock."
                    ),
                },
                _same,
            ),
            "How rows are made.",
        ),
        "vars": Field(_VarsType(Plain()), "Values for `var.NAME`; `--vars` overrides them."),
        "stories": Field(
            MapOf(
                Record(
                    {
                        "args": Field(
                            _VarsType(Plain()),
                            "Arguments of the story's function beside its context: values, `stat.NAME[.COLUMN]`, `var.NAME`.",
                        )
                    },
                    _same,
                )
            ),
            "What stories are given, by the story's name.",
        ),
        "lint": Field(
            Record(
                {
                    "ignore": Field(
                        ListOf(Text("a rule's code", pattern="[A-Z]{2}[0-9]{3}", example="GR303"), single=True),
                        "Codes of rules that are not applied.",
                    )
                },
                _same,
            ),
            "Settings of `ssg lint`.",
        ),
        "requires_ssg": Field(
            Text("a range of versions", pattern=rf"{_CLAUSE}(,{_CLAUSE})*", example='">=0.1,<0.2"'),
            "The versions of ssg that can read this project.",
        ),
    },
    _same,
    noun="the project's settings",
)  # fmt: skip


def read_settings(root: Path, overrides: Mapping[str, Any] | None = None) -> tuple[Settings, list[Diagnostic]]:
    """The settings, with `--vars` put over their variables. A broken file gives what could be read of it, and diagnostics.

    Raises SsgError if there is no `ssg_project.yml`, or an override names no variable of the project.
    """
    path = root / PROJECT_FILE
    if not path.is_file():
        raise SsgError(f"No `{PROJECT_FILE}` in `{root}`", "ssg init DIRECTORY")
    file, problems = read_yaml(path, PROJECT_FILE)
    reading = Reading(file, PROJECT_CODES, problems)
    values: dict[str, Any] = {}
    if type(file.root) is y.Mapping:
        # Read key by key, so that one missing key does not lose the rest.
        lenient = replace(PROJECT, fields={k: replace(f, required=False) for k, f in PROJECT.fields.items()})
        values = lenient.read(file.root, reading, PROJECT_FILE)
        if "name" not in file.root.entries:
            reading.add(
                "PJ005", "missing-key", f"`name` is missing in `{PROJECT_FILE}`", 0, f"write `name: {root.name}`"
            )
    elif file.root is not None:
        reading.wrong_type(PROJECT_FILE, "a mapping", file.root)
    elif not any(d.is_error for d in problems):
        reading.add(
            "PJ005",
            "missing-key",
            f"`name` is missing in `{PROJECT_FILE}`",
            Location(PROJECT_FILE),
            f"write `name: {root.name}`",
        )
    settings = _settings(root, values, file)
    problems.extend(_version_problems(settings))
    if overrides:
        unknown = [name for name in overrides if name not in settings.vars]
        if unknown and not any(d.is_error for d in problems):
            raise SsgError(f"--vars: the project has no variable `{unknown[0]}`", suggestion(unknown[0], settings.vars))
        settings = replace(settings, vars={**settings.vars, **overrides})
    return settings, problems


def _settings(root: Path, values: dict[str, Any], file: YamlFile) -> Settings:
    name = values.get("name", root.name)
    source, privacy = values.get("source", {}), values.get("privacy", {})
    budget = privacy.get("budget", {})
    return Settings(
        name=name,
        profile=values.get("profile", name),
        dialect=source.get("dialect", "duckdb"),
        default_schema=source.get("default_schema"),
        privacy=PrivacySettings(privacy.get("unit"), budget.get("epsilon"), budget.get("delta")),
        generation=Generation(**values.get("generation", {})),
        vars=values.get("vars", {}),
        story_args={n: s.get("args", {}) for n, s in values.get("stories", {}).items()},
        lint_ignore=values.get("lint", {}).get("ignore", ()),
        requires_ssg=values.get("requires_ssg"),
        places=dict(_places(file, file.root, "")) if file.root else {},
    )


def _places(file: YamlFile, node: y.Node, prefix: str) -> list[tuple[str, Location]]:
    found: list[tuple[str, Location]] = []
    if type(node) is y.Mapping:
        for key, entry in node.entries.items():
            found.append((prefix + key, file.at(entry.key)))
            found.extend(_places(file, entry.value, f"{prefix}{key}."))
    elif type(node) is y.Sequence:
        for number, item in enumerate(node.items):
            found.append((f"{prefix}{number}", file.at(item)))
            found.extend(_places(file, item, f"{prefix}{number}."))
    return found


def version_fits(version: str, wanted: str) -> bool:
    """Whether a version is within a range such as `>=0.1,<0.2`. Only the numbers of a version count."""
    mine = _numbers(version)
    for part in wanted.split(","):
        match = re.fullmatch(r"\s*([<>=!~]{1,2})\s*(.+?)\s*", part)
        if match is None:
            return False
        theirs = _numbers(match[2])
        width = max(len(mine), len(theirs))
        a, b = (v + (0,) * (width - len(v)) for v in (mine, theirs))
        holds = {
            ">=": a >= b, "<=": a <= b, ">": a > b, "<": a < b, "==": a == b, "=": a == b, "!=": a != b,
            "~=": a >= b and mine[: max(len(theirs) - 1, 1)] == theirs[: max(len(theirs) - 1, 1)],
        }.get(match[1], False)  # fmt: skip
        if not holds:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d{1,9}", version.split("+", maxsplit=1)[0])) or (0,)


def _version_problems(settings: Settings) -> list[Diagnostic]:
    if settings.requires_ssg is None or version_fits(__version__, settings.requires_ssg):
        return []
    at = settings.places.get("requires_ssg", Location(PROJECT_FILE))
    message = f"The project wants ssg `{settings.requires_ssg}`, this is {__version__}"
    return [
        Diagnostic(
            "PJ010", "other-version", message, at, f'pip install "ssgproj{settings.requires_ssg.replace(" ", "")}"'
        )
    ]
