"""The schemas that editors use say what the reader says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from ssgproj.project.json_schema import json_schemas, schema_files, write_schemas
from ssgproj.project.model import Model, SchemaObjects
from ssgproj.project.write import write_model, write_objects
from ssgproj.project.yaml_file import parse_yaml
from ssgproj.project.yaml_node import Mapping, Node, Scalar, Sequence
from tests.project.random_models import GENERATORS, models, objects
from tests.project.test_models import EVERYTHING
from tests.project.test_objects import TEXT as OBJECTS

ROOT = Path(__file__).parents[2]
MINE = json_schemas(GENERATORS)
TYPES: dict[str, Any] = {"string": str, "object": dict, "array": list, "boolean": bool, "null": type(None)}


def tree(node: Node) -> Any:
    """What an editor sees: keys are texts."""
    if isinstance(node, Mapping):
        return {e.key.text: tree(e.value) for e in node.entries.values()}
    if isinstance(node, Sequence):
        return [tree(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.value


def is_type(value: Any, name: str) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if name == "integer":
        return number and float(value).is_integer()
    return number if name == "number" else isinstance(value, TYPES[name])


def valid(value: Any, schema: dict[str, Any], whole: dict[str, Any]) -> bool:
    """JSON Schema, as far as ssg's schemas use it; an unknown keyword fails the test."""
    known = {
        "$schema", "title", "$defs", "description", "type", "enum", "anyOf", "properties", "required", "additionalProperties", "items", "pattern",
        "minimum", "maximum", "exclusiveMinimum", "minLength", "minItems", "$ref", "propertyNames",
    }  # fmt: skip
    assert set(schema) <= known, set(schema) - known
    if "$ref" in schema:
        return valid(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(is_type(value, name) for name in names):
            return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "anyOf" in schema and not any(valid(value, s, whole) for s in schema["anyOf"]):
        return False
    if isinstance(value, str):
        return re.search(schema.get("pattern", ""), value) is not None and len(value) >= schema.get("minLength", 0)
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high, above = schema.get("minimum"), schema.get("maximum"), schema.get("exclusiveMinimum")
        return (low is None or value >= low) and (high is None or value <= high) and (above is None or value > above)
    if isinstance(value, list):
        return len(value) >= schema.get("minItems", 0) and all(valid(v, schema.get("items", {}), whole) for v in value)
    if isinstance(value, dict):
        if not set(schema.get("required", ())) <= set(value):
            return False
        other = schema.get("additionalProperties", True)
        for key, item in value.items():
            if key in schema.get("properties", {}):
                if not valid(item, schema["properties"][key], whole):
                    return False
            elif other is False or (isinstance(other, dict) and not valid(item, other, whole)):
                return False
            if "propertyNames" in schema and not re.search(schema["propertyNames"]["pattern"], key):
                return False
    return True


def accepts(text: str, name: str, schemas: dict[str, dict[str, Any]] = MINE) -> bool:
    file, problems = parse_yaml(text, "x.yml")
    assert not [d for d in problems if d.is_error]
    assert file.root is not None
    return valid(tree(file.root), schemas[name], schemas[name])


def test_valid_files_are_accepted() -> None:
    assert accepts(EVERYTHING, "model")
    assert accepts(OBJECTS, "_schema")
    assert accepts('name: x\nsource: {dialect: duckdb}\nvars: {a: [1]}\nrequires_ssg: ">=0.1,<2"\n', "project")
    assert accepts("x: {target: dev, outputs: {dev: {destination: x, threads: 3}}}\n", "profiles")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("table: t\ncolums: {}\ncolumns: {}\n", "model"),
        ("table: t\ncolumns: {a: {typ: int, type: int}}\n", "model"),
        ("table: t\ncolumns: {a: {type: int, generate: nope}}\n", "model"),
        ("table: t\ncolumns: {a: {type: int, generate: {normal: {maen: 1}}}}\n", "model"),
        ("table: t\ncolumns: {a: {type: int, generate: {normal: {mean: []}}}}\n", "model"),
        ("table: t\nrows: -1\ncolumns: {}\n", "model"),
        ("table: t\nindexes: [{name: i}]\ncolumns: {}\n", "model"),
        ("columns: {}\n", "model"),
        ("nam: x\n", "project"),
        ("name: x\nprivacy: {budget: {epsilon: 0}}\n", "project"),
        ("x: {outputs: {dev: {destinatoin: x}}}\n", "profiles"),
        ("types: [{enum: x}]\n", "_schema"),
    ],
)
def test_mistakes_are_not_accepted(text: str, name: str) -> None:
    assert not accepts(text, name)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(models())
def test_every_model_that_ssg_writes_is_accepted(model: Model) -> None:
    # Options of random values need not be of their generator's types.
    from dataclasses import replace

    assert accepts(write_model(replace(model, generators=())), "model")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(objects)
def test_all_objects_that_ssg_writes_are_accepted(wanted: SchemaObjects) -> None:
    if wanted != SchemaObjects():
        assert accepts(write_objects(wanted), "_schema")


def test_the_example_is_accepted() -> None:
    schemas = json_schemas()
    assert accepts((ROOT / "example_project/ssg_project.yml").read_text(), "project", schemas)
    assert accepts((ROOT / "example_project/profiles.yml").read_text(), "profiles", schemas)
    for path in sorted((ROOT / "example_project/models").rglob("*.yml")):
        assert accepts(path.read_text(), "_schema" if path.stem == "_schema" else "model", schemas), path


def test_files_are_written_once(tmp_path: Path) -> None:
    assert len(write_schemas(tmp_path, GENERATORS)) == 5
    assert write_schemas(tmp_path, GENERATORS) == []
    texts = schema_files(GENERATORS)
    assert (
        {p.name for p in (tmp_path / ".ssg/schemas").iterdir()}
        == set(texts)
        == {"project.json", "profiles.json", "model.json", "_schema.json", "test.json"}
    )
    for name, text in texts.items():
        assert (tmp_path / ".ssg/schemas" / name).read_text() == text
        assert json.loads(text) == json_schemas(GENERATORS)[name.removesuffix(".json")]
