"""What PostgreSQL's tables need that is no table: schemas, extensions, types, sequences, functions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ssgproj.project.model import Check, Function, NamedType, SchemaObjects, Sequence
from ssgproj.project.names import join_name
from ssgproj.source.connect import SourceConnection
from ssgproj.source.reflect import postgres_catalog as catalog
from ssgproj.source.reflect.postgres_keys import unless_default
from ssgproj.source.reflect.postgres_names import literal
from ssgproj.source.reflect.postgres_rows import Row, Rows
from ssgproj.source.reflect.postgres_sequences import is_serial, settings
from ssgproj.source.reflect.postgres_text import condition, expression, short_type

Node = tuple[str, int]


class _Needs:
    """Which object needs which."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.edges: dict[Node, set[Node]] = defaultdict(set)
        self.extension: dict[Node, int] = {}
        for row in rows:
            node = (row["class"], int(row["object"]))
            if row["to_class"] == "pg_extension":
                if row["type"] == "e":
                    self.extension[node] = int(row["to_object"])
                continue
            self.edges[node].add((row["to_class"], int(row["to_object"])))

    def closure(self, seeds: Iterable[Node]) -> set[Node]:
        """The seeds and all that they need."""
        found: set[Node] = set()
        pending = list(seeds)
        while pending:
            node = pending.pop()
            if node not in found:
                found.add(node)
                pending += self.edges.get(node, ())
        return found

    def in_order(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """The nodes, each after those it needs, also through others."""
        wanted = list(nodes)
        among, seen = set(wanted), set[Node]()

        def visit(node: Node) -> Iterator[Node]:
            if node in seen:
                return
            seen.add(node)
            for other in sorted(self.edges.get(node, ())):
                yield from visit(other)
            if node in among:
                yield node

        for node in wanted:
            yield from visit(node)


def objects(connection: SourceConnection, rows: Rows) -> SchemaObjects:
    """Everything that the tables need, and the types and sequences of the schemas reflected."""
    needs = _Needs(catalog.dependencies(connection))
    functions = {("pg_proc", int(f["oid"])): f for f in catalog.functions(connection)}
    for node, row in functions.items():
        needs.edges[node] |= set(_called(row, functions))
    types = {("pg_type", int(t["oid"])): t for t in catalog.types(connection)}
    tables = [
        r for r in rows.relations.values() if rows.root_of(r)["schema"] in rows.schemas and r["kind"] in ("r", "p")
    ]
    seeds: list[Node] = [("pg_class", int(t["oid"])) for t in tables]
    seeds += [node for node, t in types.items() if t["schema"] in rows.schemas]
    used = needs.closure(seeds)

    used_functions = [n for n, f in functions.items() if n in used and not f["extension"]]
    _note_functions(rows, functions, used)
    made_types = list(_types(connection, rows, {n: types[n] for n in needs.in_order(n for n in types if n in used)}))
    made_collations = list(_collations(connection, rows, used))
    return SchemaObjects(
        schemas=tuple((n, c) for n, c in rows.schemas.items() if n != rows.names.default_schema),
        extensions=tuple(_extensions(connection, rows, needs, used)),
        types=(*made_collations, *made_types),
        sequences=tuple(_sequences(rows, used)),
        functions=tuple(_function(rows, functions[n]) for n in needs.in_order(used_functions)),
    )


def _called(row: Row, functions: Mapping[Node, Row]) -> Iterator[Node]:
    """The functions that a body seems to call: the catalogs do not say."""
    words = set(re.findall(r"\w+", row["body"] or ""))
    for node, other in functions.items():
        if other["name"] in words and other is not row:
            yield node


def _note_functions(rows: Rows, functions: Mapping[Node, Row], used: set[Node]) -> None:
    for node, row in functions.items():
        if node not in used and not row["extension"] and row["schema"] in rows.schemas:
            name = rows.names.qualified(row["schema"], row["name"])
            rows.notes.append(f"Function `{name}({row['arguments']})` is left out: no table needs it")


def _function(rows: Rows, row: Row) -> Function:
    sql = row["definition"].strip()
    own = f"{rows.names.quote(row['schema'])}.{rows.names.quote(row['name'])}("
    name = rows.names.qualified(row["schema"], row["name"])
    sql = sql.replace(own, f"{name}(", 1)
    if row["comment"]:
        kind = "PROCEDURE" if row["kind"] == "p" else "FUNCTION"
        sql += f";\n\nCOMMENT ON {kind} {name}({row['arguments']}) IS {literal(row['comment'])}"
    return Function(rows.names.table(row["schema"], row["name"]), sql)


def _extensions(connection: SourceConnection, rows: Rows, needs: _Needs, used: set[Node]) -> Iterator[str]:
    needed = {needs.extension[n] for n in used if n in needs.extension}
    for row in catalog.extensions(connection):
        # Trusted ones are there on every server and harmless; others may not be.
        if row["oid"] in needed or row["trusted"]:
            schema = None if row["fixed_schema"] or row["schema"] == rows.names.default_schema else row["schema"]
            yield join_name(schema, row["name"])
        else:
            rows.notes.append(f"Extension `{row['name']}` is left out: no table needs it")


def _sequences(rows: Rows, used: set[Node]) -> Iterator[Sequence]:
    for oid, row in rows.sequences.items():
        column = next(
            (c for c in rows.columns.get(row["table"] or 0, ()) if c["number"] == row["column"]),
            None,
        )
        if row["deptype"] == "i" or (column is not None and is_serial(row, column, rows.names)):
            continue
        if row["schema"] not in rows.schemas and ("pg_class", oid) not in used:
            continue
        yield Sequence(rows.names.table(row["schema"], row["name"]), settings(row, "bigint"), row["comment"])


def _collations(connection: SourceConnection, rows: Rows, used: set[Node]) -> Iterator[NamedType]:
    for row in catalog.collations(connection, rows.version):
        if row["schema"] not in rows.schemas and ("pg_collation", row["oid"]) not in used:
            continue
        provider = {"i": "icu", "c": "libc", "b": "builtin"}.get(row["provider"], "libc")
        options = [f"provider = {provider}"]
        if not row["deterministic"]:
            options.append("deterministic = false")
        if row["locale"] or row["collate"] == row["ctype"]:
            options.append(f"locale = {literal(row['locale'] or row['collate'])}")
        else:
            options += [f"lc_collate = {literal(row['collate'])}", f"lc_ctype = {literal(row['ctype'])}"]
        if row["rules"]:
            options.append(f"rules = {literal(row['rules'])}")
        name = rows.names.qualified(row["schema"], row["name"])
        sql = f"CREATE COLLATION {name} ({', '.join(options)})"
        if row["comment"]:
            sql += f";\n\nCOMMENT ON COLLATION {name} IS {literal(row['comment'])}"
        yield NamedType(rows.names.table(row["schema"], row["name"]), "other", sql=sql)


def _types(connection: SourceConnection, rows: Rows, types: Mapping[Node, Row]) -> Iterator[NamedType]:
    fields: dict[int, list[Row]] = defaultdict(list)
    for field in catalog.type_fields(connection, [int(t["relation"]) for t in types.values() if t["relation"]]):
        fields[field["relation"]].append(field)
    checks: dict[int, list[Row]] = defaultdict(list)
    for check in catalog.type_constraints(connection):
        checks[check["domain"]].append(check)
    ranges = {r["oid"]: r for r in catalog.ranges(connection, rows.version)}
    for row in types.values():
        name = rows.names.table(row["schema"], row["name"])
        common: dict[str, Any] = {"name": name, "description": row["comment"]}
        parts = row["labels"] if row["kind"] == "e" else fields[row["relation"]]
        if row["kind"] in ("e", "c") and not parts:
            sql = f"CREATE TYPE {rows.names.sql(name)} AS {'ENUM ' if row['kind'] == 'e' else ''}()"
            yield NamedType(kind="other", sql=sql, **common)
        elif row["kind"] == "e":
            yield NamedType(kind="enum", labels=tuple(row["labels"]), **common)
        elif row["kind"] == "d":
            yield _domain(rows, row, checks[row["oid"]], common)
        elif row["kind"] == "c":
            yield _composite(rows, row, fields[row["relation"]], common)
        elif row["kind"] == "r":
            yield _range(rows, row, ranges[row["oid"]], common)
        else:
            rows.notes.append(f"Type `{rows.names.sql(name)}` is left out: it is written in C")


def _domain(rows: Rows, row: Row, checks: list[Row], common: dict[str, Any]) -> NamedType:
    schema = row["collation_schema"]
    schema = None if schema in ("pg_catalog", rows.names.default_schema) else schema
    name = rows.names.sql(common["name"])
    for check in checks:
        if check["comment"]:
            constraint = f"{rows.names.quote(check['name'])} ON DOMAIN {name}"
            rows.statements.append(f"COMMENT ON CONSTRAINT {constraint} IS {literal(check['comment'])}")
    return NamedType(
        kind="domain",
        base=short_type(row["base"]),
        not_null=row["not_null"],
        default=expression(row["expression"]) if row["expression"] is not None else None,
        collation=join_name(schema, row["collation"]) if row["collation"] else None,
        checks=tuple(
            Check(
                condition(c["expression"]),
                unless_default(c["name"], row["name"], (), "check"),
                not_valid=not c["validated"],
            )
            for c in checks
            if c["type"] == "c"
        ),
        **common,
    )


def _composite(rows: Rows, row: Row, fields: list[Row], common: dict[str, Any]) -> NamedType:
    name = rows.names.sql(common["name"])
    for field in fields:
        if field["collation"]:
            rows.notes.append(f"The collation of field `{field['name']}` of type `{name}` is left out")
        if field["comment"]:
            place = f"{name}.{rows.names.quote(field['name'])}"
            rows.statements.append(f"COMMENT ON COLUMN {place} IS {literal(field['comment'])}")
    return NamedType(kind="composite", fields=tuple((f["name"], short_type(f["type"])) for f in fields), **common)


def _range(rows: Rows, row: Row, parts: Row, common: dict[str, Any]) -> NamedType:
    subtype = short_type(parts["subtype"])
    options = [f"subtype = {subtype}"]
    for label, key in (
        ("subtype_opclass", "operator_class"),
        ("collation", "collation"),
        ("canonical", "canonical"),
        ("subtype_diff", "difference"),
    ):
        if parts[key]:
            options.append(f"{label} = {parts[key]}")
    if parts["multirange"] and parts["multirange_name"] != default_multirange(row["name"]):
        options.append(f"multirange_type_name = {parts['multirange']}")
    name = rows.names.sql(common["name"])
    return NamedType(kind="range", sql=f"CREATE TYPE {name} AS RANGE ({', '.join(options)})", **common)


def default_multirange(name: str) -> str:
    """The name that PostgreSQL gives to a range's multirange."""
    before, word, after = name.partition("range")
    return f"{before}multirange{after}" if word else f"{name}_multirange"
