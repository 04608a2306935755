"""`models/**/*.yml` → `Model`s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.project import yaml_node as y
from ssgproj.project.generate_field import Generators
from ssgproj.project.model import Column, ForeignKey, Generate, Model, PrimaryKey, TableName, UniqueKey
from ssgproj.project.model_checks import check_model
from ssgproj.project.model_fields import model_record
from ssgproj.project.reading import MODEL_CODES, Reading
from ssgproj.project.suggest import suggestion
from ssgproj.project.types import Kind, SqlType, parse_type
from ssgproj.project.yaml_file import YamlFile, read_yaml

SCHEMA_FILES = ("_schema.yml", "_schema.yaml")
UNREAD = SqlType(Kind.OTHER, "")
"""The type of a column whose `type:` could not be read (the reason is a diagnostic)."""


@dataclass(slots=True)
class ModelReader:
    """Reads model files of one project: its named types, its dialect, its generators and its variables."""

    named_types: Mapping[str, SqlType]
    dialect: str
    generators: Generators
    variables: Mapping[str, Any]
    record: Any = field(init=False)
    types: dict[str, SqlType] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.record = model_record(self.generators)

    def read(self, file: YamlFile, problems: list[Diagnostic]) -> Model | None:
        """The model of one file, with what could not be read left out; problems are added to the list."""
        reading = Reading(file, MODEL_CODES, problems)
        if file.root is None:
            if not any(d.is_error for d in problems):
                reading.add("MD003", "missing-key", "The file is empty", Location(file.path), "write `table: ...`")
            return None
        if type(file.root) is not y.Mapping:
            reading.wrong_type(file.path, "a mapping", file.root)
            return None
        values = self.record.read(file.root, reading, file.path)
        model = self._model(values, reading, file)
        known = {column.name for column in model.columns}
        for name, node in reading.uses:
            if name not in known:
                reading.add(
                    "MD007",
                    "unknown-column",
                    f"Table `{model.table}` has no column `{name}`",
                    node,
                    suggestion(name, known),
                )
        check_model(model, file.root, reading, self)
        return model

    def type_of(self, text: str) -> SqlType:
        """`parse_type`, remembered: the same few texts come again and again."""
        known = self.types.get(text)
        if known is None:
            known = self.types[text] = parse_type(text, self.named_types, self.dialect)
        return known

    def _model(self, values: dict[str, Any], reading: Reading, file: YamlFile) -> Model:
        stem = file.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        table = TableName(values.get("table", stem), values.get("schema"))
        node: y.Mapping = values["@"]
        columns: list[Column] = []
        primary: list[tuple[str, y.Node]] = []
        unique: list[UniqueKey] = []
        references: list[ForeignKey] = []
        generators: list[Generate] = []
        column_nodes = node.entries["columns"].value if "columns" in node.entries else None
        entries = column_nodes.entries if type(column_nodes) is y.Mapping else {}
        read = values.get("columns", {})
        for name, entry in entries.items():
            at = file.at(entry.key)
            parts = read.get(name)
            if parts is None:
                if name:
                    columns.append(Column(name, UNREAD, at=at))
                continue
            columns.append(self._column(name, parts, at))
            keys = parts["@"].entries
            if parts.get("primary_key"):
                primary.append((name, keys["primary_key"].key))
            if wanted := parts.get("unique"):
                constraint = wanted if isinstance(wanted, str) else None
                unique.append(UniqueKey((name,), constraint, at=file.at(keys["unique"].key)))
            if (reference := parts.get("references")) is not None:
                references.append(replace(reference, columns=(name,)))
            if (generate := parts.get("generate")) is not None:
                generators.append(replace(generate, columns=(name,)))
        return Model(
            table=table,
            path=file.path,
            columns=tuple(columns),
            rows=values.get("rows"),
            description=values.get("description") or None,
            tags=values.get("tags", ()),
            ignore=values.get("ignore", False),
            vocabulary=values.get("vocabulary"),
            primary_key=self._primary_key(primary, values.get("primary_key"), reading),
            unique=(*unique, *values.get("unique", ())),
            foreign_keys=(*references, *values.get("foreign_keys", ())),
            checks=values.get("checks", ()),
            indexes=values.get("indexes", ()),
            exclusions=values.get("exclusions", ()),
            partition_by=values.get("partition_by"),
            partitions=values.get("partitions", ()),
            options=values.get("options"),
            vendor=values.get("vendor", ()),
            generators=(*generators, *values.get("generators", ())),
            at=file.at(node.entries["table"].value if "table" in node.entries else node),
        )

    def _column(self, name: str, parts: dict[str, Any], at: Location) -> Column:
        generated, stored = parts.get("generated") or (None, True)
        return Column(
            name=name,
            type=self.type_of(parts["type"]) if "type" in parts else UNREAD,
            nullable=parts.get("nullable", False),
            default=parts.get("default"),
            identity=parts.get("identity") or parts.get("serial"),
            generated=generated,
            stored=stored,
            collation=parts.get("collation"),
            description=parts.get("description") or None,
            null_rate=parts.get("null_rate"),
            tags=parts.get("tags", ()),
            at=at,
        )

    @staticmethod
    def _primary_key(
        marked: list[tuple[str, y.Node]], table_key: PrimaryKey | None, reading: Reading
    ) -> PrimaryKey | None:
        if table_key is None and len(marked) == 1:
            return PrimaryKey((marked[0][0],), at=reading.file.at(marked[0][1]))
        if marked and table_key is not None and table_key.columns != tuple(name for name, _ in marked):
            message = "The primary key is given twice: at a column and for the table"
            reading.add("MD010", "duplicate", message, marked[0][1], "remove `primary_key: true`")
        elif len(marked) > 1 and table_key is None:
            together = f"primary_key: [{', '.join(name for name, _ in marked)}]"
            message = "Two columns are each the whole primary key"
            reading.add("MD010", "duplicate", message, marked[1][1], f"write for the table: {together}")
            return PrimaryKey(tuple(name for name, _ in marked), at=reading.file.at(marked[0][1]))
        return table_key


def model_paths(root: Path) -> list[Path]:
    """The model files, sorted by path; hidden files and directories and `_schema.yml` are left out."""
    directory = root / "models"
    if not directory.is_dir():
        return []
    found = [p for suffix in ("*.yml", "*.yaml") for p in directory.rglob(suffix)]
    return sorted(
        (
            p
            for p in found
            if p.name not in SCHEMA_FILES and not any(part.startswith(".") for part in p.relative_to(directory).parts)
        ),
        key=lambda p: p.relative_to(root).as_posix(),
    )


def read_models(root: Path, reader: ModelReader) -> tuple[list[Model], list[Diagnostic]]:
    """All models, sorted by path, and every problem in their files. Two models of one table are a problem of the second."""
    models: list[Model] = []
    problems: list[Diagnostic] = []
    by_table: dict[TableName, Model] = {}
    for path in model_paths(root):
        file, found = read_yaml(path, path.relative_to(root).as_posix())
        model = reader.read(file, found)
        problems.extend(found)
        if model is None:
            continue
        first = by_table.setdefault(model.table, model)
        if first is model:
            models.append(model)
        else:
            message = f"Table `{model.table}` has a model already"
            hint = f"it is in {first.at.path}:{first.at.line}: remove one of the two"
            problems.append(Diagnostic("MD011", "table-twice", message, model.at, hint))
    return models, problems
