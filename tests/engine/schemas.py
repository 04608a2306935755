"""Random schemas, and a judge of whether rows keep all of a schema's constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
from hypothesis import strategies as st

from ssgproj.graph.graph import Graph
from ssgproj.graph.resolve import resolve
from ssgproj.project.model import (
    Check,
    Column,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Model,
    PrimaryKey,
    TableName,
    UniqueKey,
)
from ssgproj.project.project import Generation, Project, Settings
from ssgproj.project.types import parse_type

KEY_TYPES = [
    "integer",
    "bigint",
    "smallint",
    "varchar(12)",
    "char(6)",
    "uuid",
    "date",
    "timestamp",
    "numeric(12, 0)",
    "text",
]
TYPES = [
    *KEY_TYPES, "boolean", "numeric(4, 2)", "numeric(18, 6)", "double precision", "real", "time", "timestamptz", "bytea",
    "json", "varchar(1)", "varchar(3)", "integer[]", "text[]",
]  # fmt: skip
ORDERED = ["integer", "numeric(9, 2)", "date", "timestamp", "double precision"]


def graph_of(models: Sequence[Model], *, seed: int = 1, root: Path = Path(), dialect: str = "postgres") -> Graph:
    """The graph of a project that has these models."""
    settings = Settings("zoo", "zoo", dialect=dialect, generation=Generation(seed=seed))
    return resolve(Project(root, settings, tuple(models)))


@st.composite
def schemas(draw: st.DrawFn) -> list[Model]:
    """One to five tables: any key, references of every form, unique sets, checks."""
    models: list[Model] = []
    for number in range(draw(st.integers(1, 5))):
        models.append(draw(_table(f"t{number}", models)))
    return models


@st.composite
def _table(draw: st.DrawFn, name: str, earlier: list[Model]) -> Model:
    columns: list[Column] = []
    foreign: list[ForeignKey] = []
    key: tuple[str, ...] = ()
    unique: list[UniqueKey] = []
    checks: list[Check] = []
    indexes: list[Index] = []

    def add(type_: str, nullable: bool = False, **rest: object) -> str:
        column = f"c{len(columns)}"
        columns.append(Column(column, parse_type(type_), nullable=nullable, **rest))  # type: ignore[arg-type]
        return column

    def refer(nullable: bool) -> tuple[str, ...]:
        parent = draw(st.sampled_from([m for m in earlier if m.primary_key or m.unique]))
        targets = [u.columns for u in parent.unique if all(not parent.column(c).nullable for c in u.columns)]
        if parent.primary_key:
            targets.append(parent.primary_key.columns)
        if not targets:
            return ()
        target = draw(st.sampled_from(targets))
        mine = tuple(add(parent.column(c).type.text, nullable) for c in target)
        foreign.append(ForeignKey(mine, parent.table, target))
        return mine

    keyed = [m for m in earlier if m.primary_key]
    kind = draw(st.sampled_from(["none", "serial", "plain", "pair", "reference", "reference+", "two references"]))
    if kind == "serial":
        key = (add(draw(st.sampled_from(["integer", "bigint"])), identity=Identity(always=draw(st.booleans()))),)
    elif kind == "plain":
        key = (add(draw(st.sampled_from(KEY_TYPES))),)
    elif kind == "pair":
        key = (add(draw(st.sampled_from(KEY_TYPES))), add(draw(st.sampled_from([*KEY_TYPES, "boolean"]))))
    elif kind == "reference" and keyed:
        key = refer(False)
    elif kind == "reference+" and keyed:
        key = (*refer(False), add(draw(st.sampled_from(["integer", "date", "varchar(12)"]))))
    elif kind == "two references" and keyed:
        key = tuple(dict.fromkeys((*refer(False), *refer(False))))

    for _ in range(draw(st.integers(0, 4))):
        add(draw(st.sampled_from(TYPES)), draw(st.booleans()))
    if [m for m in earlier if m.primary_key or m.unique]:
        for _ in range(draw(st.integers(0, 2))):
            refer(draw(st.booleans()))
    if len(key) == 1 and draw(st.booleans()):
        mine = add(next(c for c in columns if c.name == key[0]).type.text, draw(st.booleans()))
        foreign.append(ForeignKey((mine,), TableName(name), key))
    if draw(st.booleans()):
        pair = tuple(
            add(draw(st.sampled_from(["integer", "varchar(2)", "boolean", "date"])), draw(st.booleans()))
            for _ in range(2)
        )
        unique.append(UniqueKey(pair))
    if draw(st.booleans()):
        unique.append(UniqueKey((add(draw(st.sampled_from(KEY_TYPES)), draw(st.booleans())),)))
    if draw(st.booleans()):
        low = add(t := draw(st.sampled_from(ORDERED)), draw(st.booleans()))
        high = add(t, draw(st.booleans()))
        checks.append(Check(f"{low} {draw(st.sampled_from(['<', '<=']))} {high}"))
    if draw(st.booleans()):
        number = add("integer", draw(st.booleans()))
        checks.append(
            Check(
                draw(
                    st.sampled_from(
                        [
                            "{0} > 5 AND {0} < 5000",
                            "{0} % 7 = 0",
                            "{0} BETWEEN -3 AND 3",
                            "{0} IN (2, 3, 5)",
                            "{0} <> 0",
                        ]
                    )
                ).format(number)
            )
        )
    if draw(st.booleans()):
        text = add("varchar(10)", draw(st.booleans()))
        rule = [
            "{0} IN ('a', 'b', 'c')",
            "length({0}) >= 4",
            "{0} ~ '^[A-Z]{{2}}[0-9]+$'",
            "{0} LIKE 'x%'",
            "upper({0}) = {0}",
            "{0} <> ''",
        ]
        checks.append(Check(draw(st.sampled_from(rule)).format(text)))
    if draw(st.booleans()):
        one, other = add("integer", True), add("text", True)
        checks.append(Check(f"({one} IS NULL) <> ({other} IS NULL)"))
    if draw(st.booleans()):
        flag, code = add("boolean"), add("integer")
        indexes.append(Index((IndexPart(code),), f"{name}_partial", unique=True, where=flag))
    if not columns:
        add("integer")
    return Model(
        TableName(name),
        f"models/{name}.yml",
        tuple(columns),
        rows=draw(st.sampled_from([0, 1, 7, 60, 300])),
        primary_key=PrimaryKey(key) if key else None,
        unique=tuple(unique),
        foreign_keys=tuple(foreign),
        checks=tuple(checks),
        indexes=tuple(indexes),
    )


def violations(models: Sequence[Model], tables: Mapping[TableName, pa.Table]) -> list[str]:
    """Every constraint of the models that the rows break, in words."""
    con = duckdb.connect()
    names = {}
    for number, (table, rows) in enumerate(tables.items()):
        names[table] = f"v{number}"
        con.register(names[table], rows)
    found = []

    def count(sql: str) -> int:
        return con.execute(sql).fetchall()[0][0]  # type: ignore[no-any-return]

    for model in models:
        here = names[model.table]
        key = model.primary_key.columns if model.primary_key else ()
        for column in model.columns:
            if (not column.nullable or column.name in key) and count(
                f'SELECT count(*) FROM {here} WHERE "{column.name}" IS NULL'
            ):
                found.append(f"{model.table}.{column.name}: NULL")
            length = column.type.length
            if (
                column.type.is_text
                and length
                and count(f'SELECT count(*) FROM {here} WHERE length("{column.name}") > {length}')
            ):
                found.append(f"{model.table}.{column.name}: too long")
        sets = [(u.columns, None) for u in model.unique] + [(key, None)] * bool(key)
        sets += [(i.columns, i.where) for i in model.indexes if i.unique and i.columns]
        for columns, where in sets:
            listed = ", ".join(f'"{c}"' for c in columns)
            present = " AND ".join([*(f'"{c}" IS NOT NULL' for c in columns), *([where] if where else [])])
            if count(
                f"SELECT count(*) FROM (SELECT 1 FROM {here} WHERE {present} GROUP BY {listed} HAVING count(*) > 1)"
            ):
                found.append(f"{model.table}({listed}): not unique")
        for reference in model.foreign_keys:
            pairs = list(zip(reference.columns, reference.to_columns, strict=True))
            on = " AND ".join(f'c."{a}" = p."{b}"' for a, b in pairs)
            present = " AND ".join(f'c."{a}" IS NOT NULL' for a, _ in pairs)
            parent = names[reference.to_table]
            if count(
                f"SELECT count(*) FROM {here} c WHERE {present} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {on})"
            ):
                found.append(f"{model.table}{reference.columns} has no parent in {reference.to_table}")
        for check in model.checks:
            sql = check.sql.replace(" ~ ", " SIMILAR TO ").replace("'^[A-Z]{2}[0-9]+$'", "'[A-Z]{2}[0-9]+'")
            if count(f"SELECT count(*) FROM {here} WHERE NOT ({sql})"):
                found.append(f"{model.table}: {check.sql}")
    return found
