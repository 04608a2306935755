"""JSON Schemas of the project's files, for editors, from the declarations that read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssgproj.project.constraint_fields import PARTITIONS
from ssgproj.project.generate_field import Generators
from ssgproj.project.model_fields import model_record
from ssgproj.project.objects import SCHEMA
from ssgproj.project.profiles import PROFILES
from ssgproj.project.settings import PROJECT
from ssgproj.project.unit_test import file_record

SCHEMAS_DIR = ".ssg/schemas"
_DIALECT = "http://json-schema.org/draft-07/schema#"


def json_schemas(generators: Generators | None = None) -> dict[str, dict[str, Any]]:
    """The schemas by name: `project`, `profiles`, `model`, `_schema`, `test`. `generators` as in `parse_project`."""
    if generators is None:
        from ssgproj.project.parse import known_generators

        generators = known_generators()
    model = model_record(generators).schema()
    return {
        "project": _whole("ssg_project.yml", PROJECT.schema()),
        "profiles": _whole("profiles.yml", PROFILES.schema()),
        "model": _whole("A model: models/*.yml", model, {PARTITIONS.key: PARTITIONS.type().schema()}),
        "_schema": _whole("models/_schema.yml", SCHEMA.schema()),
        "test": _whole("Unit tests: tests/*.yml", file_record().schema()),
    }


def _whole(title: str, schema: dict[str, Any], definitions: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"$schema": _DIALECT, "title": title, **schema, **({"$defs": dict(definitions)} if definitions else {})}


def schema_files(generators: Generators | None = None) -> dict[str, str]:
    """The files under `.ssg/schemas/`, by file name: the same text for the same version of ssg."""
    return {
        f"{name}.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for name, schema in json_schemas(generators).items()
    }


def write_schemas(root: Path, generators: Generators | None = None) -> list[Path]:
    """Write the schemas into a project; returns the files that changed."""
    directory = root / SCHEMAS_DIR
    directory.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in schema_files(generators).items():
        path = directory / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed
