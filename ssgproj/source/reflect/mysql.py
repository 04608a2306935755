"""Reflect MariaDB (and MySQL) from `information_schema` and SHOW CREATE TABLE."""

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
    Identity,
    Index,
    IndexPart,
    Model,
    PrimaryKey,
    SchemaObjects,
    TableName,
    UniqueKey,
)
from ssgproj.project.model import Sequence as FreeSequence
from ssgproj.project.types import Kind, parse_type
from ssgproj.source.connect import SourceConnection
from ssgproj.source.reflect import Reflection, unknown_schemas
from ssgproj.source.reflect import mysql_catalog as catalog
from ssgproj.source.reflect.mysql_text import column_lines, literal, mysql_expression, quoted, short_type, table_options
from ssgproj.source.reflect.paths import model_paths

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The catalogs of one database, by table."""

    database: str
    schema: str | None
    is_mariadb: bool
    columns: Mapping[str, list[Row]]
    checks: Mapping[str, list[Row]]
    indexes: Mapping[str, list[Row]]
    references: Mapping[str, list[Row]]
    reflected: frozenset[tuple[str, str]]
    home: str
    notes: list[str] = field(default_factory=list)


def reflect(connection: SourceConnection, schemas: Sequence[str] | None) -> Reflection:
    """The tables of the URL's database, or of these databases. Those of the URL's have no schema."""
    known = catalog.databases(connection)
    wanted = [connection.database] if schemas is None else list(dict.fromkeys(schemas))
    if any(s not in known for s in wanted):
        raise unknown_schemas(wanted, known)
    is_mariadb = "mariadb" in connection.fetch("SELECT version() AS version")[0]["version"].lower()
    notes: list[str] = []
    tables = {d: catalog.tables(connection, d) for d in sorted(wanted)}
    reflected = frozenset(
        (d, t["name"]) for d, rows in tables.items() for t in rows if t["type"] in ("BASE TABLE", "SYSTEM VERSIONED")
    )
    names = {pair: TableName(pair[1], None if pair[0] == connection.database else pair[0]) for pair in reflected}
    paths = model_paths(names.values())
    models: list[Model] = []
    sequences: list[FreeSequence] = []
    for database, rows in tables.items():
        schema = None if database == connection.database else database
        found = _Rows(
            database=database,
            schema=schema,
            is_mariadb=is_mariadb,
            columns=_by_table(catalog.columns(connection, database)),
            checks=_by_table(catalog.checks(connection, database, is_mariadb)),
            indexes=_by_table(catalog.indexes(connection, database)),
            references=_by_table(catalog.references(connection, database)),
            reflected=reflected,
            home=connection.database,
            notes=notes,
        )
        for table in rows:
            if (database, table["name"]) in reflected:
                name = names[database, table["name"]]
                models.append(_model(connection, found, table, name, paths[name]))
            elif table["type"] == "SEQUENCE":
                sequences.append(_sequence(connection, database, TableName(table["name"], schema)))
            else:
                notes.append(f"{table['type'].capitalize()} `{table['name']}` is left out")
        notes += catalog.left_out(connection, database)
    return Reflection(
        models=tuple(sorted(models, key=lambda m: (m.table.schema or "", m.table.name))),
        objects=SchemaObjects(
            schemas=tuple((d, None) for d in sorted(wanted) if d != connection.database), sequences=tuple(sequences)
        ),
        dialect="mysql",
        default_schema=None,
        notes=tuple(dict.fromkeys(notes)),
    )


def _by_table(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["table_name"]].append(row)
    return dict(found)


def _model(connection: SourceConnection, rows: _Rows, table: Row, name: TableName, path: str) -> Model:
    create = catalog.create_table(connection, rows.database, table["name"])
    definitions = dict(column_lines(create))
    jsons = {
        c["name"]
        for c in rows.columns.get(table["name"], ())
        if c["column_type"] == "longtext"
        and any(k["clause"] == f"json_valid({quoted(c['name'])})" for k in rows.checks.get(table["name"], ()))
    }
    primary, unique, indexes = _indexes(rows, table["name"])
    columns = [c for c in rows.columns.get(table["name"], ()) if c["generation"] not in ("ROW START", "ROW END")]
    if len(columns) < len(rows.columns.get(table["name"], ())):
        rows.notes.append(f"The period columns of table `{table['name']}` become the database's own")
    return Model(
        table=name,
        path=path,
        columns=tuple(_column(rows, table, c, c["name"] in jsons) for c in columns),
        description=table["comment"] or None,
        primary_key=primary,
        unique=unique,
        foreign_keys=_foreign_keys(rows, table["name"]),
        checks=_checks(rows, table["name"], jsons),
        indexes=indexes,
        options=table_options(create),
        vendor=tuple(
            f"ALTER TABLE {_sql_name(rows, table['name'])} MODIFY COLUMN {definitions[c['name']]}"
            for c in columns
            if "INVISIBLE" in c["extra"].upper() and c["name"] in definitions
        ),
    )


def _sql_name(rows: _Rows, table: str) -> str:
    return f"{quoted(rows.schema)}.{quoted(table)}" if rows.schema else quoted(table)


def _column(rows: _Rows, table: Row, row: Row, is_json: bool) -> Column:
    text = "json" if is_json else short_type(row["column_type"])
    kind = parse_type(text, dialect="mysql")
    if kind.kind is Kind.OTHER:
        rows.notes.append(f"Column `{table['name']}.{row['name']}` has the type `{text}`, which ssg does not know")
    extra = row["extra"].lower()
    generated = row["generation"] or None
    if generated and not rows.is_mariadb:
        generated = mysql_expression(generated)
    has_own_collation = row["collation"] and row["collation"] != table["collation"] and not is_json
    return Column(
        name=row["name"],
        type=kind,
        nullable=row["nullable"] == "YES",
        default=None if generated else _default(rows, row, kind.is_numeric),
        identity=Identity(serial=True) if "auto_increment" in extra else None,
        generated=generated,
        stored="virtual" not in extra,
        collation=row["collation"] if has_own_collation else None,
        description=row["comment"] or None,
    )


def _default(rows: _Rows, row: Row, is_number: bool) -> str | None:
    """The default as SQL, with ON UPDATE behind it."""
    text: str | None = row["column_default"]
    if text is not None and not rows.is_mariadb:
        if "DEFAULT_GENERATED" in row["extra"]:
            text = mysql_expression(text)
            if not re.match(r"(?i)current_timestamp|now\(", text):
                text = f"({text})"
        elif not is_number and not re.fullmatch(r"(?i)current_timestamp(\(\d*\))?|b'[01]*'", text):
            text = literal(text)
    if text is not None:
        text = text.replace(f"{quoted(rows.home)}.", "") if text != "NULL" else None
    if match := re.search(r"(?i)on update \S+", row["extra"]):
        update = "ON UPDATE" + match[0][len("on update") :]
        return f"{text or 'NULL'} {update}"
    return text


def _checks(rows: _Rows, table: str, jsons: set[str]) -> tuple[Check, ...]:
    found = []
    for row in rows.checks.get(table, ()):
        if row["name"] in jsons and row["clause"] == f"json_valid({quoted(row['name'])})":
            continue
        is_default = row["level"] == "Column" or re.fullmatch(
            r"CONSTRAINT_\d+|" + re.escape(table) + r"_chk_\d+", row["name"]
        )
        clause = row["clause"] if rows.is_mariadb else mysql_expression(row["clause"])
        if not rows.is_mariadb and clause.startswith("(") and clause.endswith(")"):
            clause = clause[1:-1]
        found.append(Check(clause, None if is_default else row["name"]))
    return tuple(found)


def _indexes(rows: _Rows, table: str) -> tuple[PrimaryKey | None, tuple[UniqueKey, ...], tuple[Index, ...]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows.indexes.get(table, ()):
        grouped[row["name"]].append(row)
    primary, unique, indexes = None, [], []
    for name, parts in grouped.items():
        columns = tuple(p["column_name"] for p in parts)
        kind = parts[0]["type"]
        is_plain = all(p["column_name"] and not p["prefix"] and p["direction"] != "D" for p in parts)
        if name == "PRIMARY":
            primary = PrimaryKey(columns)
        elif not parts[0]["non_unique"] and is_plain and kind == "BTREE":
            unique.append(UniqueKey(columns, None if name == columns[0] else name))
        else:
            indexes.append(_index(rows, table, name, parts))
    return primary, tuple(unique), tuple(indexes)


def _index(rows: _Rows, table: str, name: str, parts: list[Row]) -> Index:
    kind = parts[0]["type"]
    words = {"FULLTEXT": "FULLTEXT ", "SPATIAL": "SPATIAL "}.get(kind, "" if parts[0]["non_unique"] else "UNIQUE ")
    found, spelled = [], []
    for part in parts:
        suffix = []
        if part["prefix"] and kind != "SPATIAL":
            suffix.append(f"({part['prefix']})")
        if part["direction"] == "D":
            suffix.append("DESC")
        text = " ".join(suffix) or None
        found.append(IndexPart(column=part["column_name"], expression=part["expression"], suffix=text))
        spelled.append(
            (quoted(part["column_name"]) if part["column_name"] else f"({part['expression']})") + (text or "")
        )
    using = None if kind == "BTREE" else kind.lower()
    sql = None
    if words in ("FULLTEXT ", "SPATIAL ") or any(p["prefix"] or p["expression"] for p in parts) or parts[0]["comment"]:
        method = " USING HASH" if kind == "HASH" else ""
        comment = f" COMMENT {literal(parts[0]['comment'])}" if parts[0]["comment"] else ""
        on = f"{_sql_name(rows, table)} ({', '.join(spelled)})"
        sql = f"CREATE {words}INDEX {quoted(name)}{method} ON {on}{comment}"
    return Index(tuple(found), name, not parts[0]["non_unique"], using=using, sql=sql)


def _foreign_keys(rows: _Rows, table: str) -> tuple[ForeignKey, ...]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows.references.get(table, ()):
        grouped[row["name"]].append(row)
    found = []
    for name, parts in grouped.items():
        target = (parts[0]["to_schema"], parts[0]["to_table"])
        if target not in rows.reflected:
            rows.notes.append(
                f"The reference `{name}` of table `{table}` is left out: it points to `{'.'.join(target)}`"
            )
            continue
        is_default = re.fullmatch(re.escape(table) + r"_ibfk_\d+", name)
        found.append(
            ForeignKey(
                columns=tuple(p["column_name"] for p in parts),
                to_table=TableName(target[1], None if target[0] == rows.home else target[0]),
                to_columns=tuple(p["to_column"] for p in parts),
                name=None if is_default else name,
                on_delete=_action(parts[0]["on_delete"]),
                on_update=_action(parts[0]["on_update"]),
            )
        )
    return tuple(found)


def _action(text: str) -> str | None:
    # Without a clause the catalog says RESTRICT, which is the same as NO ACTION here.
    return None if text.upper() in ("RESTRICT", "NO ACTION") else text.lower()


def _sequence(connection: SourceConnection, database: str, name: TableName) -> FreeSequence:
    text = catalog.create_table(connection, database, name.name, "SEQUENCE")
    options: list[tuple[str, int | str | bool]] = []
    for option, pattern, plain in (
        ("start", r"start with (-?\d+)", 1),
        ("increment", r"increment by (-?\d+)", 1),
        ("minvalue", r"minvalue (-?\d+)", 1),
        ("maxvalue", r"maxvalue (-?\d+)", 2**63 - 2),
        ("cache", r"\bcache (\d+)", 1000),
    ):
        match = re.search(pattern, text, re.IGNORECASE)
        if match and int(match[1]) != plain:
            options.append((option, int(match[1])))
    if re.search(r"(?<!no)\s+cycle\b", text, re.IGNORECASE) and "nocycle" not in text.lower():
        options.append(("cycle", True))
    return FreeSequence(name, tuple(options))
