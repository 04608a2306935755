"""A reflection written to files and read back."""

from __future__ import annotations

from pathlib import Path

from ssgproj.project.parse import parse_project
from ssgproj.project.write import write_model, write_objects
from ssgproj.source.reflect import Reflection


def assert_files_say_the_same(found: Reflection, root: Path) -> None:
    (root / "models").mkdir()
    (root / "ssg_project.yml").write_text(
        f"name: zoo\nprofile: zoo\nconfig_version: 1\nsource: {{dialect: {found.dialect}}}\n"
    )
    for model in found.models:
        (root / model.path).write_text(write_model(model))
    (root / "models" / "_schema.yml").write_text(write_objects(found.objects))
    project = parse_project(root)
    assert [(d.code, d.message) for d in project.diagnostics if d.is_error] == []
    assert {m.path: m for m in project.models} == {m.path: m for m in found.models}
    assert project.objects == found.objects
