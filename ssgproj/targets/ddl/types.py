"""How each database spells a column type.

A type of the source's own dialect is passed on in its own words; otherwise the nearest type that holds every value of it is
chosen. What has no counterpart becomes text, and the destination says so in a note.
"""

from __future__ import annotations

from collections.abc import Callable

from ssgproj.project.types import Kind, SqlType
from ssgproj.targets.ddl.names import literal, quote

TEXT_ELSEWHERE = frozenset(
    {
        Kind.XML, Kind.RANGE, Kind.MULTIRANGE, Kind.INET, Kind.CIDR, Kind.MACADDR, Kind.TSVECTOR, Kind.TSQUERY,
        Kind.GEOMETRY, Kind.HSTORE, Kind.LTREE, Kind.OTHER, Kind.SET,
    }
)  # fmt: skip
"""Kinds that become text wherever the database is not the source's."""


def _integer(kind: SqlType, names: dict[int, str], unsigned: Callable[[int], str]) -> str:
    bits = kind.bits or 32
    return unsigned(bits) if kind.unsigned else names[bits]


def _postgres_unsigned(bits: int) -> str:
    return {8: "smallint", 16: "integer", 24: "integer", 32: "bigint", 64: "numeric(20, 0)"}.get(bits, "numeric(39, 0)")


_POSTGRES_INTEGERS = {
    8: "smallint", 16: "smallint", 24: "integer", 32: "integer", 64: "bigint", 128: "numeric(39, 0)",
}  # fmt: skip


def _digits(kind: SqlType, most: int = 6) -> str:
    return "" if kind.precision is None else f"({min(kind.precision, most)})"


def postgres_type(kind: SqlType) -> str:
    """PostgreSQL's spelling of a type that came from another database."""
    match kind.kind:
        case Kind.BOOLEAN:
            return "boolean"
        case Kind.INTEGER:
            return _integer(kind, _POSTGRES_INTEGERS, _postgres_unsigned)
        case Kind.DECIMAL:
            return f"numeric({kind.precision}, {kind.scale or 0})" if kind.precision is not None else "numeric"
        case Kind.MONEY:
            return "numeric(19, 4)"
        case Kind.FLOAT:
            return "real" if kind.bits == 32 else "double precision"
        case Kind.STRING:
            if kind.length is None or not 0 < kind.length <= 10_485_760:
                return "text"
            return f"char({kind.length})" if kind.fixed else f"varchar({kind.length})"
        case Kind.BINARY:
            return "bytea"
        case Kind.DATE:
            return "date"
        case Kind.TIME:
            return f"time{_digits(kind)}{' with time zone' if kind.with_time_zone else ''}"
        case Kind.TIMESTAMP:
            return f"timestamp{_digits(kind)}{' with time zone' if kind.with_time_zone else ''}"
        case Kind.INTERVAL:
            return "interval"
        case Kind.UUID:
            return "uuid"
        case Kind.JSON:
            return "jsonb" if kind.binary_json else "json"
        case Kind.STRUCT | Kind.MAP:
            return "jsonb"
        case Kind.XML:
            return "xml"
        case Kind.ARRAY:
            return f"{postgres_type(kind.element)}[]" if kind.element else "text[]"
        case Kind.BIT:
            width = "" if kind.length is None else f"({kind.length})"
            return f"bit{width}" if kind.fixed else f"bit varying{width}"
        case Kind.YEAR:
            return "smallint"
        case Kind.INET:
            return "inet"
        case Kind.CIDR | Kind.MACADDR:
            return kind.name or "text"
        case _:
            return "text"


_DUCKDB_INTEGERS = {8: "TINYINT", 16: "SMALLINT", 24: "INTEGER", 32: "INTEGER", 64: "BIGINT", 128: "HUGEINT"}


def _duckdb_unsigned(bits: int) -> str:
    return {24: "UINTEGER"}.get(bits, f"U{_DUCKDB_INTEGERS[bits]}")


def _duckdb_decimal(kind: SqlType) -> str:
    if kind.precision is None:
        return "DECIMAL(18, 4)"
    scale = kind.scale or 0
    if kind.precision <= 38 and 0 <= scale <= kind.precision:
        return f"DECIMAL({max(kind.precision, 1)}, {scale})"
    if scale < 0 or scale > kind.precision:
        width = max(scale, kind.precision - scale, 1)
        return f"DECIMAL({width}, {max(scale, 0)})" if width <= 38 else "VARCHAR"
    return "VARCHAR"  # wider than DuckDB's widest decimal: digits as text lose nothing


def _unnamed(_: SqlType) -> None:
    """For types whose name is not to be used."""


def duckdb_type(kind: SqlType, named: Callable[[SqlType], str | None] = lambda _: None) -> str:
    """DuckDB's spelling. `named` gives the name of a type that stands in the destination already (an enum)."""
    if kind.kind is not Kind.ARRAY and (name := named(kind)):
        return name
    match kind.kind:
        case Kind.BOOLEAN:
            return "BOOLEAN"
        case Kind.INTEGER:
            return _integer(kind, _DUCKDB_INTEGERS, _duckdb_unsigned)
        case Kind.DECIMAL:
            return _duckdb_decimal(kind)
        case Kind.MONEY:
            return "DECIMAL(19, 2)"
        case Kind.FLOAT:
            return "FLOAT" if kind.bits == 32 else "DOUBLE"
        case Kind.BINARY:
            return "BLOB"
        case Kind.DATE:
            return "DATE"
        case Kind.TIME:
            return "TIME WITH TIME ZONE" if kind.with_time_zone else "TIME"
        case Kind.TIMESTAMP:
            return "TIMESTAMP WITH TIME ZONE" if kind.with_time_zone else "TIMESTAMP"
        case Kind.INTERVAL:
            return "INTERVAL"
        case Kind.UUID:
            return "UUID"
        case Kind.JSON:
            return "JSON"
        case Kind.BIT:
            return "BIT"
        case Kind.YEAR:
            return "SMALLINT"
        case Kind.ENUM:
            return f"ENUM ({', '.join(literal(label) for label in kind.labels)})" if kind.labels else "VARCHAR"
        case Kind.ARRAY:
            size = "" if kind.length is None else str(kind.length)
            # A name with its schema may not stand before brackets in every version; the labels may.
            plain = kind.element is not None and kind.element.kind is Kind.ENUM and kind.element.labels
            return f"{duckdb_type(kind.element, _unnamed if plain else named) if kind.element else 'VARCHAR'}[{size}]"
        case Kind.STRUCT:
            fields = ", ".join(f"{quote(name)} {duckdb_type(type_, named)}" for name, type_ in kind.fields)
            return f"STRUCT({fields})" if fields else "VARCHAR"
        case Kind.MAP:
            key, value = (duckdb_type(type_, named) for _, type_ in kind.fields)
            return f"MAP({key}, {value})"
        case _:
            return "VARCHAR"
