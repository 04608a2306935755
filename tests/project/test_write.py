"""What is written can be read, and says the same."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from ssgproj.project.model import Model, SchemaObjects, TableName
from ssgproj.project.model_dict import canonical
from ssgproj.project.objects import read_objects
from ssgproj.project.write import model_path, write_model, write_objects
from tests.project.random_models import models, objects, read

slow = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SHAPE = {"MD001", "MD002", "MD003", "MD005", "MD006", "MD007", "PJ001", "PJ002", "PJ008", "PJ009"}


@slow
@given(models())
def test_models_come_back(model: Model) -> None:
    text = write_model(model)
    found, problems = read(text)
    assert not [d for d in problems if d.code in SHAPE and "SQL text" not in d.message], text
    assert found == canonical(model), text


@slow
@given(models())
def test_other_tools_read_the_same(model: Model) -> None:
    """PyYAML, which most editors' tools are like, reads the same names and texts."""
    yaml = pytest.importorskip("yaml")
    text = write_model(model)
    found = yaml.safe_load(text)
    assert list(found["columns"]) == [c.name for c in model.columns]
    assert found["table"] == model.table.name
    assert found.get("description") == model.description
    for column in model.columns:
        assert found["columns"][column.name].get("default") == column.default
        assert found["columns"][column.name].get("null_rate") == column.null_rate


@slow
@given(objects)
def test_objects_come_back(wanted: SchemaObjects) -> None:
    with TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "models").mkdir()
        text = write_objects(wanted)
        (root / "models" / "_schema.yml").write_text(text, encoding="utf-8")
        found, _, problems = read_objects(root, "postgres")
        assert not problems, text
        assert found == wanted, text


def test_paths_are_safe() -> None:
    assert model_path(TableName("orders")) == "models/orders.yml"
    assert model_path(TableName("orders", "shop")) == "models/shop.orders.yml"
    assert "/" not in model_path(TableName("../x")).removeprefix("models/")
    assert model_path(TableName("_schema")) == "models/_schema_.yml"
