"""A small project in which rules are tried, one case at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ssgproj.diagnostics import Diagnostic
from ssgproj.graph.resolve import resolve
from ssgproj.lint.linter import LintResult, lint_result
from ssgproj.project.parse import parse_project

PROJECT = """\
name: demo
profile: demo
config_version: 1
source: {{dialect: postgres}}
privacy:
  {unit}
  budget: {budget}
"""
PROFILES = """\
demo:
  target: dev
  outputs:
    dev: {destination: "duckdb:///target/demo.duckdb"}
"""
MODELS = {
    "users": """\
table: users
columns:
  id: {type: varchar(10), primary_key: true}
  age: {type: integer}
  gender: {type: varchar(10), nullable: true}
  country: {type: varchar(2), references: countries.code}
  booked: {type: boolean}
  referrer: {type: varchar(10), nullable: true, references: users.id}
""",
    "sessions": """\
table: sessions
columns:
  id: {type: integer, primary_key: true}
  user_id: {type: varchar(10), references: users.id}
  device: {type: varchar(20), nullable: true}
  secs: {type: double precision}
  n_actions: {type: integer}
  price: {type: "numeric(10, 2)", nullable: true}
  started: {type: timestamp}
""",
    "countries": """\
table: countries
columns:
  code: {type: varchar(2), primary_key: true}
  name: {type: varchar(40)}
""",
}
QUERY_RESULT = """SELECT u.id AS user_id, u.age, u.gender, u.country, u.booked, s.secs, s.n_actions, s.device, s.price, s.started
    FROM users AS u JOIN sessions AS s ON s.user_id = u.id"""
COLUMNS: dict[str, dict[str, Any]] = {
    "user_id": {"type": "string", "private_id": True},
    "age": {"type": "int", "lower": 0, "upper": 100},
    "gender": {"type": "string"},
    "country": {"type": "string"},
    "booked": {"type": "boolean"},
    "secs": {"type": "float", "lower": 0, "upper": 1000},
    "n_actions": {"type": "int", "lower": 0, "upper": 50},
    "device": {"type": "string"},
    "price": {"type": "float"},
    "started": {"type": "datetime"},
}
DP = "SELECT COUNT(*) AS n FROM query_result"


def write_project(root: Path, case: dict[str, Any]) -> str:
    """Write the project of a case; returns the path of its statistic."""
    unit = f"unit: {case['unit']}" if case.get("unit", "users.id") is not None and "unit" in case else "unit: users.id"
    if "unit" in case and case["unit"] is None:
        unit = "# no unit"
    text = PROJECT.format(unit=unit, budget=case.get("budget", "{epsilon: 100, delta: 1.0}"))
    if "dialect" in case:
        text = text.replace("postgres", case["dialect"])
    write(root / "ssg_project.yml", text)
    write(root / "profiles.yml", PROFILES)
    for name, model in MODELS.items():
        write(root / "models" / f"{name}.yml", model)
    path = f"stats/{case.get('name', 'demo')}.sql"
    if not case.get("no_stat"):
        write(root / path, stat_text(case))
    for name, content in case.get("files", {}).items():
        write(root / name, content)
    for name, content in case.get("latin1", {}).items():
        (root / name).write_bytes(content.encode("latin-1"))
    return path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def stat_text(case: dict[str, Any]) -> str:
    if "stat" in case:
        return case["stat"]
    header = header_text(case)
    if "header_text" in case:
        old, new = case["header_text"]
        assert old in header
        header = header.replace(old, new, 1)
    body = case.get("body")
    if body is None and "plain" in case:
        body = case["plain"] + "\n"
    if body is None:
        body = f"WITH query_result AS (\n    {case.get('query_result', QUERY_RESULT)}\n)\n\n{case.get('dp', DP)}\n"
    return f"/* ssg:stat\n{header}*/\n{body}"


def header_text(case: dict[str, Any]) -> str:
    given = dict(case.get("header", {}))
    if "=" in given:
        return dump(given["="])
    columns = {name: dict(said) for name, said in COLUMNS.items()}
    if "query_result" in case:
        columns = guess_columns(case["query_result"])
    if "=columns" in given:
        columns = given.pop("=columns")
    for name, said in given.pop("columns", {}).items():
        columns[name] = said
        if isinstance(said, dict) and said.get("private_id") and name != "user_id" and "user_id" in columns:
            columns["user_id"] = {"type": "string", "private_id": True}
    header: dict[str, Any] = {"epsilon": 1.0, "delta": 1.0e-6, "max_ids": 5}
    header |= {k: v for k, v in given.items() if not k.startswith("-")}
    for key in given:
        header.pop(key.removeprefix("-"), None) if key.startswith("-") else None
    header["columns"] = columns
    return dump(header)


def guess_columns(sql: str) -> dict[str, Any]:
    """Columns for a query_result of a case: `id` is the private id, all others are whole numbers or texts by their names."""
    import sqlglot
    from sqlglot import exp

    known = {**COLUMNS, "id": COLUMNS["user_id"], "name": {"type": "string"}}
    try:
        tree = sqlglot.parse_one(sql, dialect="postgres")
    except sqlglot.errors.SqlglotError:
        return {"id": dict(known["id"])}
    names = [n.alias_or_name for n in tree.selects] if isinstance(tree, exp.Query) else []
    return {n: dict(known.get(n, {"type": "int"})) for n in names if n and n != "*"} or {"id": dict(known["id"])}


def dump(value: Any) -> str:
    from io import StringIO

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 4000
    out = StringIO()
    flat = {k: v for k, v in value.items() if k != "columns"}
    yaml.dump(flat, out) if flat else None
    text = out.getvalue()
    if "columns" in value:
        text += "columns:\n"
        for name, said in value["columns"].items():
            inner = (
                "{" + ", ".join(f"{k}: {scalar(v)}" for k, v in said.items()) + "}"
                if isinstance(said, dict)
                else scalar(said)
            )
            text += f"  {name}: {inner}\n"
    return text


def scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if value in ("true", "false") or not value.replace(".", "a").isalnum() else value
    return repr(value)


def lint_case(root: Path, case: dict[str, Any]) -> LintResult:
    graph = resolve(parse_project(root))
    return lint_result(graph.project, graph.diagnostics)


def text_at(root: Path, finding: Diagnostic) -> str:
    """What stands at a finding's place."""
    at = finding.at
    lines = (root / at.path).read_text().split("\n")
    if at.end_line in (None, at.line):
        return lines[at.line - 1][at.column - 1 : (at.end_column or at.column + 1) - 1]
    middle = lines[at.line : at.end_line - 1]
    return "\n".join([lines[at.line - 1][at.column - 1 :], *middle, lines[at.end_line - 1][: at.end_column - 1]])
