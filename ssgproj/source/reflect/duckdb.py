"""Reflect DuckDB from its catalog functions, and from the CREATE texts for collations."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ssgproj.project.model import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Model,
    NamedType,
    PrimaryKey,
    SchemaObjects,
    TableName,
    UniqueKey,
)
from ssgproj.project.model import Sequence as FreeSequence
from ssgproj.project.names import split_name
from ssgproj.project.types import Kind, SqlType, parse_type
from ssgproj.source.connect import SourceConnection
from ssgproj.source.reflect import Reflection, unknown_schemas
from ssgproj.source.reflect.ddl_table import TableText, read_index, read_table
from ssgproj.source.reflect.paths import model_paths
from ssgproj.source.reflect.postgres_text import strip_brackets

Row = dict[str, Any]

DEFAULT_SCHEMA = "main"

_HERE = "database_name = current_database()"


@dataclass(frozen=True, slots=True)
class _Rows:
    """The catalog, by (schema, table)."""

    columns: Mapping[tuple[str, str], list[Row]]
    constraints: Mapping[tuple[str, str], list[Row]]
    indexes: Mapping[tuple[str, str], list[Row]]
    enums: Mapping[tuple[str, ...], list[TableName]]
    notes: list[str] = field(default_factory=list)


def reflect(connection: SourceConnection, schemas: Sequence[str] | None) -> Reflection:
    """The tables of these schemas, or of all of the file's."""
    found = connection.fetch(
        f"SELECT schema_name AS name, comment FROM duckdb_schemas() WHERE {_HERE} "
        "AND (NOT internal OR schema_name = 'main') ORDER BY schema_name"
    )
    known: dict[str, str | None] = {r["name"]: r["comment"] for r in found}
    wanted = list(known) if schemas is None else list(dict.fromkeys(schemas))
    if any(s not in known for s in wanted):
        raise unknown_schemas(wanted, list(known))
    types = [r for r in _all(connection, "duckdb_types", "type_name", "AND NOT internal") if r["schema_name"] in wanted]
    enums: dict[tuple[str, ...], list[TableName]] = defaultdict(list)
    for row in types:
        if row["labels"]:
            enums[tuple(row["labels"])].append(_name(row["schema_name"], row["type_name"]))
    rows = _Rows(
        columns=_by_table(_all(connection, "duckdb_columns", "column_index", "AND NOT internal")),
        constraints=_by_table(_all(connection, "duckdb_constraints", "constraint_index")),
        indexes=_by_table(_all(connection, "duckdb_indexes", "index_name")),
        enums=enums,
    )
    tables = _all(connection, "duckdb_tables", "table_name", "AND NOT internal AND NOT temporary")
    tables = [t for t in tables if t["schema_name"] in wanted]
    names = {(t["schema_name"], t["table_name"]): _name(t["schema_name"], t["table_name"]) for t in tables}
    paths = model_paths(names.values())
    models = [_model(rows, t, names, paths) for t in tables]
    for view in _all(connection, "duckdb_views", "view_name", "AND NOT internal AND NOT temporary"):
        if view["schema_name"] in wanted:
            rows.notes.append(f"View `{_name(view['schema_name'], view['view_name'])}` is left out")
    for macro in _all(connection, "duckdb_functions", "function_name", "AND NOT internal"):
        rows.notes.append(f"Macro `{macro['function_name']}` is left out")
    return Reflection(
        models=tuple(sorted(models, key=lambda m: (m.table.schema or "", m.table.name))),
        objects=SchemaObjects(
            schemas=tuple((s, known[s]) for s in sorted(wanted) if s != DEFAULT_SCHEMA),
            types=tuple(_types(rows, types)),
            sequences=tuple(
                _sequence(r)
                for r in _all(connection, "duckdb_sequences", "sequence_name", "AND NOT temporary")
                if r["schema_name"] in wanted
            ),
        ),
        dialect="duckdb",
        default_schema=DEFAULT_SCHEMA,
        notes=tuple(dict.fromkeys(rows.notes)),
    )


def _all(connection: SourceConnection, function: str, order: str, condition: str = "") -> list[Row]:
    return connection.fetch(f"SELECT * FROM {function}() WHERE {_HERE} {condition} ORDER BY schema_name, {order}")


def _by_table(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["schema_name"], row["table_name"]].append(row)
    return dict(found)


def _name(schema: str, name: str) -> TableName:
    return TableName(name, None if schema == DEFAULT_SCHEMA else schema)


def _model(
    rows: _Rows, table: Row, names: Mapping[tuple[str, str], TableName], paths: Mapping[TableName, str]
) -> Model:
    place = (table["schema_name"], table["table_name"])
    text = read_table(table["sql"])
    constraints: dict[str, list[Row]] = defaultdict(list)
    for row in rows.constraints.get(place, ()):
        constraints[row["constraint_type"]].append(row)
    collations = {name: c.collation for name, c in text.columns.items()}
    primary = constraints["PRIMARY KEY"]
    return Model(
        table=names[place],
        path=paths[names[place]],
        columns=tuple(
            _column(rows, names[place], _with_generated(c, text), collations.get(c["column_name"].lower()))
            for c in rows.columns[place]
        ),
        description=table["comment"],
        primary_key=PrimaryKey(tuple(primary[0]["constraint_column_names"])) if primary else None,
        unique=tuple(UniqueKey(tuple(c["constraint_column_names"])) for c in constraints["UNIQUE"]),
        foreign_keys=tuple(_foreign_key(c, names) for c in constraints["FOREIGN KEY"]),
        checks=tuple(Check(strip_brackets(c["expression"])) for c in constraints["CHECK"]),
        indexes=tuple(_index(rows, names[place], i) for i in rows.indexes.get(place, ())),
    )


def _with_generated(row: Row, text: TableText) -> Row:
    """Before version 2 the catalog has the expression of a generated column as its default, and only the CREATE text tells which it is."""
    if "is_generated" in row:
        return row
    written = text.columns.get(row["column_name"].lower())
    return row | {
        "is_generated": written is not None and written.generated is not None,
        "generation_expression": row["column_default"],
    }


_SHORT = {
    "TIMESTAMP WITH TIME ZONE": "timestamptz", "TIME WITH TIME ZONE": "timetz", "BIT": "bitstring",
}  # fmt: skip
_SIMPLE = re.compile(r"([A-Z][A-Z0-9_ ]*?)(\(\d+(?:,\s*\d+)?\))?((?:\[\d*\])*)")


def short_type(text: str) -> str:
    """A type in the words people use: lower case, `timestamptz`. Nested types stay as they are."""
    match = _SIMPLE.fullmatch(text)
    if match is None:
        return text
    name, arguments, brackets = match[1], match[2] or "", match[3]
    return f"{_SHORT.get(name, name.lower())}{re.sub(r', *', ', ', arguments)}{brackets}"


def _column(rows: _Rows, table: TableName, row: Row, collation: str | None) -> Column:
    text = short_type(row["data_type"])
    kind = parse_type(_enum_name(rows, table, text) or text, _enum_types(rows), "duckdb")
    if kind.kind is Kind.OTHER:
        rows.notes.append(f"Column `{table}.{row['column_name']}` has the type `{text}`, which ssg does not know")
    generated = row["generation_expression"] if row["is_generated"] else None
    if generated:
        cast = f" AS {row['data_type']})"
        if generated.startswith("CAST(") and generated.endswith(cast):
            generated = generated[len("CAST(") : -len(cast)]
        generated = strip_brackets(generated)
    return Column(
        name=row["column_name"],
        type=kind,
        nullable=row["is_nullable"],
        default=None if generated or row["column_default"] is None else _default(row["column_default"]),
        generated=generated,
        stored=not generated,
        collation=collation,
        description=row["comment"],
    )


def _enum_name(rows: _Rows, table: TableName, text: str) -> str | None:
    """The name of the enum that a column was declared with: the catalog has only its labels, so the one named enum of
    these labels, or the one in the table's schema."""
    base, brackets = re.fullmatch(r"(.*?)((?:\[\d*\])*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if not base.upper().startswith("ENUM("):
        return None
    found = rows.enums.get(parse_type(base).labels, [])
    near = [n for n in found if n.schema == table.schema] or list(found)
    return f"{sql_name(near[0])}{brackets}" if len(near) == 1 else None


def _enum_types(rows: _Rows) -> dict[str, SqlType]:
    return {
        sql_name(name): SqlType(Kind.ENUM, sql_name(name), labels=labels, name=str(name))
        for labels, names in rows.enums.items()
        for name in names
    }


def sql_name(name: TableName) -> str:
    """A name as SQL, quoted where it may be needed."""
    parts = [name.schema, name.name] if name.schema else [name.name]
    return ".".join(p if re.fullmatch(r"[a-z_][a-z0-9_]*", p) else '"' + p.replace('"', '""') + '"' for p in parts)


def _foreign_key(row: Row, names: Mapping[tuple[str, str], TableName]) -> ForeignKey:
    # A reference cannot leave its schema.
    target = names[row["schema_name"], row["referenced_table"]]
    return ForeignKey(tuple(row["constraint_column_names"]), target, tuple(row["referenced_column_names"]))


def _index(rows: _Rows, table: TableName, row: Row) -> Index:
    read = read_index(row["sql"])
    if row["comment"]:
        rows.notes.append(f"The comment on index `{row['index_name']}` of table `{table}` is left out")
    return Index(tuple(IndexPart(c, e, s) for c, e, s in read.parts), row["index_name"], row["is_unique"], read.where)


def _types(rows: _Rows, types: Sequence[Row]) -> list[NamedType]:
    """The enums. Columns do not keep the names of other types, but what these stand for."""
    found = []
    for row in types:
        name = _name(row["schema_name"], row["type_name"])
        if row["labels"]:
            found.append(NamedType(name, "enum", labels=tuple(row["labels"]), description=row["comment"]))
        else:
            rows.notes.append(f"Type `{name}` is left out: columns hold what it stands for")
    return found


_NEXTVAL = re.compile(r"nextval\('((?:[^']|'')+)'\)")


def _default(text: str) -> str:
    """The default with sequences named as short as they can be."""

    def short(match: re.Match[str]) -> str:
        parts = split_name(match[1].replace("''", "'"))
        if parts is None or len(parts) > 2:
            return match[0]
        written = sql_name(_name(parts[0] if len(parts) == 2 else DEFAULT_SCHEMA, parts[-1])).replace("'", "''")
        return f"nextval('{written}')"

    return _NEXTVAL.sub(short, text)


def _sequence(row: Row) -> FreeSequence:
    ascending = row["increment_by"] > 0
    first = row["min_value"] if ascending else row["max_value"]
    # Once used, DuckDB gives as its start where it will go on: that comes from rows, and says how many there are.
    start = row["start_value"] if row["last_value"] is None else first
    plain = {
        "increment": (row["increment_by"], 1),
        "minvalue": (row["min_value"], 1 if ascending else -(2**63)),
        "maxvalue": (row["max_value"], 2**63 - 1 if ascending else -1),
        "start": (start, first),
        "cycle": (row["cycle"], False),
    }
    options = tuple((name, value) for name, (value, usual) in plain.items() if value != usual)
    return FreeSequence(_name(row["schema_name"], row["sequence_name"]), options, row["comment"])
