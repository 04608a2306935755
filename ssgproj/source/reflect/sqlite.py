"""Reflect SQLite from its pragmas, and from the CREATE statements it keeps for what no pragma tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ssgproj.project.model import (
    Check,
    Column,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Model,
    PrimaryKey,
    SchemaObjects,
    TableName,
    UniqueKey,
)
from ssgproj.project.types import Kind, parse_type
from ssgproj.source.connect import SourceConnection
from ssgproj.source.reflect import Reflection, unknown_schemas
from ssgproj.source.reflect.ddl import source, tokens
from ssgproj.source.reflect.ddl_table import TableText, read_index, read_table
from ssgproj.source.reflect.paths import model_paths

Row = dict[str, Any]

_HIDDEN_BY_VIRTUAL_TABLE, _VIRTUAL, _STORED = 1, 2, 3


def reflect(connection: SourceConnection, schemas: Sequence[str] | None) -> Reflection:
    """All tables of the file. SQLite has no schemas; `main` may be asked for."""
    if schemas is not None and any(s != "main" for s in schemas):
        raise unknown_schemas(schemas, ["main"])
    notes: list[str] = []
    statements = _tables(connection, notes)
    names = {n.lower(): n for n in statements}
    columns = {n: _rows(connection, "table_xinfo", n) for n in statements}
    paths = model_paths(TableName(n) for n in statements)
    models = [
        _model(connection, name, sql, columns, names, paths[TableName(name)], notes) for name, sql in statements.items()
    ]
    return Reflection(
        models=tuple(sorted(models, key=lambda m: m.table.name)),
        objects=SchemaObjects(),
        dialect="sqlite",
        default_schema=None,
        notes=tuple(dict.fromkeys(notes)),
    )


def _tables(connection: SourceConnection, notes: list[str]) -> dict[str, str]:
    """The CREATE statement of every plain table; the rest is noted."""
    kinds = {r["name"]: r["type"] for r in connection.fetch("PRAGMA main.table_list") if r["schema"] == "main"}
    found = {}
    for row in connection.fetch("SELECT type, name, tbl_name, sql FROM main.sqlite_master ORDER BY rowid"):
        name, kind = row["name"], row["type"]
        if kind == "table" and not name.lower().startswith("sqlite_"):
            statement = row["sql"] or ""
            if kinds.get(name) == "virtual" or statement.upper().startswith("CREATE VIRTUAL"):
                notes.append(f"Virtual table `{name}` is left out")
            elif kinds.get(name) != "shadow":
                found[name] = statement
        elif kind == "view":
            notes.append(f"View `{name}` is left out")
        elif kind == "trigger":
            notes.append(f"Trigger `{name}` of table `{row['tbl_name']}` is left out")
    return found


def _rows(connection: SourceConnection, pragma: str, name: str) -> list[Row]:
    return connection.fetch(f"PRAGMA main.{pragma}({_quoted(name)})")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _model(
    connection: SourceConnection,
    name: str,
    sql: str,
    columns: Mapping[str, list[Row]],
    names: Mapping[str, str],
    path: str,
    notes: list[str],
) -> Model:
    text = read_table(sql)
    if text.conflict:
        notes.append(f"ON CONFLICT clauses of table `{name}` are left out")
    key = tuple(r["name"] for r in sorted(columns[name], key=lambda r: r["pk"]) if r["pk"])
    alias = _rowid_alias(columns[name], key, text)
    unique, indexes = _indexes(connection, name, text)
    return Model(
        table=TableName(name),
        path=path,
        columns=tuple(
            _column(name, r, text, r["name"] == alias, notes)
            for r in columns[name]
            if r["hidden"] != _HIDDEN_BY_VIRTUAL_TABLE
        ),
        primary_key=PrimaryKey(key, _key_name(text, "PRIMARY", key)) if key else None,
        unique=unique,
        foreign_keys=tuple(_foreign_keys(connection, name, columns, names, text, notes)),
        checks=tuple(Check(c.sql, c.name) for c in text.checks),
        indexes=indexes,
        options=text.options,
    )


def _rowid_alias(columns: Sequence[Row], key: Sequence[str], text: TableText) -> str | None:
    """The column that is another name of the rowid: numbered by the database where no value is given."""
    without_rowid = text.options is not None and "ROWID" in text.options.upper()
    if len(key) != 1 or without_rowid:
        return None
    column = next(r for r in columns if r["name"] == key[0])
    written = text.columns.get(key[0].lower())
    if column["type"].upper() != "INTEGER" or (written and written.descending_key):
        return None
    return key[0]


def _column(table: str, row: Row, text: TableText, is_rowid: bool, notes: list[str]) -> Column:
    written = text.columns.get(row["name"].lower())
    kind = parse_type(row["type"], dialect="sqlite")
    if kind.kind is Kind.OTHER and row["type"]:
        notes.append(f"Column `{table}.{row['name']}` has the type `{row['type']}`, which ssg does not know")
    default = row["dflt_value"]
    is_generated = row["hidden"] in (_VIRTUAL, _STORED)
    return Column(
        name=row["name"],
        type=kind,
        # SQLite lets NULL into most keys; nobody wants it there.
        nullable=not row["notnull"] and not row["pk"],
        default=None if default is None or is_generated else _default(default),
        identity=Identity(serial=bool(written and written.autoincrement)) if is_rowid else None,
        generated=written.generated if is_generated and written else None,
        stored=row["hidden"] != _VIRTUAL,
        collation=written.collation if written else None,
    )


_DEFAULT_WORDS = {"NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"}


def _default(text: str) -> str | None:
    """The default as SQL. A lone name, which can be no column here, is what SQLite takes it for: a string."""
    part = tokens(text)
    if len(part) == 1 and part[0].kind in ("word", "quoted") and part[0].upper not in _DEFAULT_WORDS:
        return "'" + part[0].name.replace("'", "''") + "'"
    return None if len(part) == 1 and part[0].upper == "NULL" else source(text, part)


def _key_name(text: TableText, kind: str, columns: Sequence[str]) -> str | None:
    wanted = [c.lower() for c in columns]
    return next((k.name for k in text.keys if k.kind == kind and [c.lower() for c in k.columns] == wanted), None)


def _indexes(
    connection: SourceConnection, table: str, text: TableText
) -> tuple[tuple[UniqueKey, ...], tuple[Index, ...]]:
    unique, indexes = [], []
    statements = {
        r["name"]: r["sql"]
        for r in connection.fetch(
            "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND tbl_name = ?", (table,)
        )
    }
    # The pragma lists the newest first.
    for row in reversed(_rows(connection, "index_list", table)):
        if row["origin"] == "u":
            parts = sorted(_rows(connection, "index_xinfo", row["name"]), key=lambda r: r["seqno"])
            columns = tuple(r["name"] for r in parts if r["key"])
            unique.append(UniqueKey(columns, _key_name(text, "UNIQUE", columns)))
        elif row["origin"] == "c" and statements.get(row["name"]):
            read = read_index(statements[row["name"]])
            parts_ = tuple(IndexPart(c, e, s) for c, e, s in read.parts)
            indexes.append(Index(parts_, row["name"], bool(row["unique"]), read.where))
    return tuple(unique), tuple(sorted(indexes, key=lambda i: i.name or ""))


def _foreign_keys(
    connection: SourceConnection,
    table: str,
    columns: Mapping[str, list[Row]],
    names: Mapping[str, str],
    text: TableText,
    notes: list[str],
) -> list[ForeignKey]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for row in _rows(connection, "foreign_key_list", table):
        grouped[row["id"]].append(row)
    written = [k for k in text.keys if k.kind == "FOREIGN"]
    found = []
    # The pragma counts from the last declared.
    for place, number in enumerate(sorted(grouped, reverse=True)):
        rows = sorted(grouped[number], key=lambda r: r["seq"])
        own = {r["name"].lower(): r["name"] for r in columns[table]}
        from_columns: tuple[str, ...] = tuple(str(own.get(r["from"].lower(), r["from"])) for r in rows)
        about = f"The reference from `{table}.{', '.join(from_columns)}` is left out"
        parent = names.get(rows[0]["table"].lower())
        if parent is None:
            notes.append(f"{about}: there is no table `{rows[0]['table']}`")
            continue
        known = {r["name"].lower(): r["name"] for r in columns[parent]}
        if rows[0]["to"] is None:
            to_columns = tuple(str(r["name"]) for r in sorted(columns[parent], key=lambda r: r["pk"]) if r["pk"])
        else:
            to_columns = tuple(known.get(r["to"].lower(), "") for r in rows)
        if len(to_columns) != len(from_columns) or not all(to_columns):
            notes.append(f"{about}: `{parent}` has no such key")
            continue
        key = written[place] if place < len(written) else None
        found.append(
            ForeignKey(
                columns=from_columns,
                to_table=TableName(parent),
                to_columns=to_columns,
                name=key.name if key else None,
                on_delete=_action(rows[0]["on_delete"]),
                on_update=_action(rows[0]["on_update"]),
                match_full=bool(key and key.match_full),
                deferrable=key.deferrable if key else None,
            )
        )
    return found


def _action(text: str) -> str | None:
    return None if text.upper() == "NO ACTION" else text.lower()
