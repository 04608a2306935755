"""`Model` → the text of its file."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from ssgproj.project.json_schema import SCHEMAS_DIR
from ssgproj.project.model import Model, SchemaObjects, TableName
from ssgproj.project.model_dict import canonical, model_dict, objects_dict
from ssgproj.project.names import table_text
from ssgproj.project.yaml_text import entry, item

SHORT_COLUMN = 100
"""Columns whose entry fits in this many characters are written on one line."""

_AWKWARD = set('/\\:*?"<>|\0') | {chr(c) for c in range(32)}


def model_path(table: TableName) -> str:
    """Where reflecting puts a table's model: `models/orders.yml`, `models/shop.orders.yml`; characters that files cannot hold are `_`."""
    name = "".join("_" if c in _AWKWARD else c for c in table_text(table).replace('"', ""))
    stem = name.strip(" ") or "table"
    return f"models/{'_' + stem[1:] if stem.startswith('.') else stem}{'_' if stem == '_schema' else ''}.yml"


def schema_comment(path: str, schema: str) -> str:
    """The first line of a file, by which editors find its JSON Schema."""
    up = "../" * (len(PurePosixPath(path).parts) - 1)
    return f"# yaml-language-server: $schema={up}{SCHEMAS_DIR}/{schema}.json"


def write_model(model: Model) -> str:
    """The whole file, in the usual order of keys; columns in DDL order, only what differs from the defaults.

    Reading it gives `canonical(model)` back.
    """
    lines = [schema_comment(model.path or model_path(model.table), "model")]
    for name, value in model_dict(canonical(model)).items():
        lines.append(columns_text(value) if name == "columns" else top_entry(name, value))
    return "\n".join(lines) + "\n"


def columns_text(columns: dict[str, Any]) -> str:
    """`columns:` and one entry per column."""
    if not columns:
        return "columns: {}"
    return "\n".join(["columns:", *(column_text(name, tree) for name, tree in columns.items())])


def column_text(name: str, tree: dict[str, Any], indent: int = 2) -> str:
    """One column: on one line if it is short."""
    line = entry(name, tree, indent)
    return line if "\n" not in line and len(line) <= SHORT_COLUMN else entry(name, tree, indent, expand=True)


def top_entry(name: str, value: Any) -> str:
    """A key of the file itself. Lists of more than names go one item to a line."""
    if isinstance(value, list) and name not in ("tags", "primary_key", "extensions"):
        return "\n".join([f"{name}:", *(item(v, 2) for v in value)])
    return entry(name, value)


def write_objects(objects: SchemaObjects) -> str:
    """The whole of `models/_schema.yml`."""
    tree = objects_dict(objects)
    lines = [schema_comment("models/_schema.yml", "_schema"), *(top_entry(name, value) for name, value in tree.items())]
    return "\n".join(lines) + "\n"
