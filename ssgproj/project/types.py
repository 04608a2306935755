"""Column types, neutral between databases.

A model's `type:` is SQL text as people write it (`varchar(10)`, `numeric(10, 2)`, `timestamptz`, `text[]`, `mood`).
`parse_type` turns it into a `SqlType`; targets map a `SqlType` to their own spelling, generators to Arrow.
A type that ssg does not know keeps its text (`Kind.OTHER`) and is passed on as it stands to a database of the same dialect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """The families of types. Each has one representation in Arrow (`generators/arrow.py`)."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    STRING = "string"
    BINARY = "binary"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    INTERVAL = "interval"
    UUID = "uuid"
    JSON = "json"
    XML = "xml"
    ENUM = "enum"
    SET = "set"
    ARRAY = "array"
    RANGE = "range"
    MULTIRANGE = "multirange"
    BIT = "bit"
    INET = "inet"
    CIDR = "cidr"
    MACADDR = "macaddr"
    TSVECTOR = "tsvector"
    TSQUERY = "tsquery"
    MONEY = "money"
    YEAR = "year"
    GEOMETRY = "geometry"
    HSTORE = "hstore"
    LTREE = "ltree"
    STRUCT = "struct"
    MAP = "map"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SqlType:
    """One column type.

    `text` is how it was written. Which of the others are set depends on `kind`: `bits` and `unsigned` for integers
    (8, 16, 24, 32, 64, 128) and floats (32, 64); `length` and `fixed` for strings, binaries and bits; `precision` and
    `scale` for decimals; `precision` (0-9 digits of a second) and `with_time_zone` for times and timestamps; `element` for
    arrays (the element type), ranges and multiranges (the bound's type); `labels` for enums and sets; `name` for types
    that have a name of their own (enum, domain, range, geometry, other); `fields` for structs, and for maps a `key` and a
    `value`; `domain` is the name of the domain the column was declared with, where the rest describes its base type.
    """

    kind: Kind
    text: str
    bits: int | None = None
    unsigned: bool = False
    length: int | None = None
    fixed: bool = False
    precision: int | None = None
    scale: int | None = None
    with_time_zone: bool = False
    binary_json: bool = False
    case_insensitive: bool = False
    element: SqlType | None = None
    labels: tuple[str, ...] = ()
    name: str | None = None
    fields: tuple[tuple[str, SqlType], ...] = ()
    domain: str | None = None

    @property
    def is_numeric(self) -> bool:
        return self.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY, Kind.YEAR)

    @property
    def is_text(self) -> bool:
        return self.kind is Kind.STRING


_INTEGERS: dict[str, int] = {
    "tinyint": 8, "int1": 8, "utinyint": 8,
    "smallint": 16, "int2": 16, "short": 16, "usmallint": 16, "smallserial": 16, "serial2": 16,
    "mediumint": 24, "middleint": 24,
    "integer": 32, "int": 32, "int4": 32, "signed": 32, "uinteger": 32, "serial": 32, "serial4": 32,
    "bigint": 64, "int8": 64, "long": 64, "ubigint": 64, "bigserial": 64, "serial8": 64,
    "hugeint": 128, "uhugeint": 128,
}  # fmt: skip
_UNSIGNED = {"utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"}
_STRINGS = {
    "varchar", "character varying", "char varying", "nvarchar", "national varchar", "national character varying",
    "varchar2", "nvarchar2", "string", "text", "tinytext", "mediumtext", "longtext", "clob", "nclob", "ntext", "name",
    "citext", "bpchar",
}  # fmt: skip
_FIXED_STRINGS = {"char", "character", "nchar", "national char", "national character", "native character"}
_BINARIES = {
    "bytea", "blob", "binary", "varbinary", "tinyblob", "mediumblob", "longblob", "binary varying", "image", "bytes",
}  # fmt: skip
_TINY_LENGTHS = {"tinytext": 255, "tinyblob": 255}
_RANGES = {
    "int4range": "integer", "int8range": "bigint", "numrange": "numeric", "daterange": "date",
    "tsrange": "timestamp", "tstzrange": "timestamptz",
}  # fmt: skip
_GEOMETRIES = {
    "geometry", "geography", "point", "line", "lseg", "box", "path", "polygon", "circle", "linestring", "multipoint",
    "multilinestring", "multipolygon", "geometrycollection",
}  # fmt: skip
_PLAIN: dict[str, Kind] = {
    "date": Kind.DATE, "uuid": Kind.UUID, "guid": Kind.UUID, "uniqueidentifier": Kind.UUID, "json": Kind.JSON,
    "xml": Kind.XML, "inet": Kind.INET, "inet4": Kind.INET, "inet6": Kind.INET, "cidr": Kind.CIDR,
    "macaddr": Kind.MACADDR, "macaddr8": Kind.MACADDR, "tsvector": Kind.TSVECTOR, "tsquery": Kind.TSQUERY,
    "money": Kind.MONEY, "year": Kind.YEAR, "hstore": Kind.HSTORE, "ltree": Kind.LTREE,
}  # fmt: skip

TYPE_WORDS: tuple[str, ...] = tuple(
    sorted({*_INTEGERS, *_STRINGS, *_FIXED_STRINGS, *_BINARIES, *_RANGES, *_GEOMETRIES, *_PLAIN, "boolean", "bool", "numeric",
            "decimal", "float", "real", "double", "double precision", "timestamp", "timestamptz", "datetime", "timetz",
            "interval", "jsonb", "bit", "money"})
)  # fmt: skip
"""The names of types that `parse_type` knows, to suggest one of them for a typo."""

_EXTENSION_TYPE = re.compile(
    r"""(?:"[^"]+"|[^\W\d][\w$]*)\.((?:citext|hstore|ltree|geometry|geography)\b.*)""", re.DOTALL
)
"""An extension's type, with the schema that the extension is in."""

_SHAPE = re.compile(
    r"^\s*(?P<name>\"[^\"]+\"(?:\.\"[^\"]+\")?|[^\W\d][\w$. ]*?)\s*(?:\(\s*(?P<args>[^()]*?)\s*\)|$)(?P<rest>[^()\[\]]*)$",
    re.DOTALL,
)


def parse_type(text: str, named: Mapping[str, SqlType] | None = None, dialect: str = "") -> SqlType:
    """Read one type as written in a model.

    `named` holds the project's own types (enums, domains, composites), keyed by the name as models write it. `dialect`
    decides the few words that mean different things (`float`, `real` and `integer` are wider in some databases). Never raises:
    what it does not know is `Kind.OTHER` with its text kept.
    """
    named = named or {}
    written = text.strip()
    if written in named:
        return replace(named[written], text=written)
    if array := _parse_array(written, named, dialect):
        return array
    lowered = " ".join(written.lower().split())
    if nested := _parse_nested(written, lowered, named, dialect):
        return nested
    match = _SHAPE.match(written)
    if qualified := _EXTENSION_TYPE.match(written):
        return replace(parse_type(qualified[1], named, dialect), text=written)
    if not match:
        return _unknown(written, dialect)
    name = " ".join(match["name"].strip().lower().split())
    rest = " ".join(match["rest"].strip().lower().split())
    numbers = [int(a) for a in (match["args"] or "").replace(" ", "").split(",") if re.fullmatch(r"-?\d+", a)]
    first = numbers[0] if numbers else None
    full = f"{name} {rest}".strip()

    unsigned = "unsigned" in full
    name = re.sub(r"\s+(unsigned|signed|zerofill)\b", "", name)
    if name in ("boolean", "bool", "logical") or (name == "tinyint" and first == 1 and dialect in ("mysql", "mariadb")):
        return SqlType(Kind.BOOLEAN, written)
    if name in _INTEGERS:
        bits = 64 if dialect == "sqlite" and name in ("integer", "int") else _INTEGERS[name]
        return SqlType(Kind.INTEGER, written, bits=bits, unsigned=unsigned or name in _UNSIGNED)
    if name in ("numeric", "decimal", "dec", "fixed", "number"):
        scale = numbers[1] if len(numbers) > 1 else (0 if first is not None else None)
        if first is None and dialect in ("mysql", "mariadb"):
            first, scale = 10, 0
        if first is None and dialect == "duckdb":
            first, scale = 18, 3
        return SqlType(Kind.DECIMAL, written, precision=first, scale=scale, unsigned=unsigned)
    if name in ("float", "float4", "float8", "real", "double", "double precision"):
        return SqlType(Kind.FLOAT, written, bits=_float_bits(name, first, dialect), unsigned=unsigned)
    if name in _STRINGS:
        return SqlType(
            Kind.STRING,
            written,
            length=first if first is not None else _TINY_LENGTHS.get(name, 63 if name == "name" else None),
            case_insensitive=name == "citext",
        )
    if name in _FIXED_STRINGS:
        if rest == "varying":
            return SqlType(Kind.STRING, written, length=first)
        return SqlType(Kind.STRING, written, length=first if first is not None else 1, fixed=True)
    if name in _BINARIES:
        fixed = name == "binary"
        length = first if first is not None else (1 if fixed else _TINY_LENGTHS.get(name))
        return SqlType(Kind.BINARY, written, length=length, fixed=fixed)
    if name in ("bit", "bit varying", "varbit", "bitstring"):
        varying = name in ("bit varying", "varbit", "bitstring") or rest == "varying"
        return SqlType(Kind.BIT, written, length=first if first or varying else 1, fixed=not varying)
    if name in ("timestamp", "datetime", "timestamptz", "datetime2", "smalldatetime", "datetimeoffset") or re.match(
        r"timestamp_(s|ms|us|ns|tz)$|timestamp with(out)? time zone$", name
    ):
        suffix = {"timestamp_s": 0, "timestamp_ms": 3, "timestamp_ns": 9, "smalldatetime": 0}.get(name)
        zone = (
            name in ("timestamptz", "timestamp_tz", "datetimeoffset")
            or "with time zone" in full
            or (name == "timestamp" and dialect in ("mysql", "mariadb"))
        )
        default = 0 if dialect in ("mysql", "mariadb") else None
        precision = first if first is not None else (suffix if suffix is not None else default)
        return SqlType(Kind.TIMESTAMP, written, precision=precision, with_time_zone=zone)
    if name in ("time", "timetz", "time with time zone", "time without time zone"):
        default = 0 if dialect in ("mysql", "mariadb") else None
        zone = name == "timetz" or "with time zone" in full
        return SqlType(Kind.TIME, written, precision=first if first is not None else default, with_time_zone=zone)
    if name.split(" ")[0] == "interval":
        return SqlType(Kind.INTERVAL, written, precision=first)
    if name == "jsonb":
        return SqlType(Kind.JSON, written, binary_json=True)
    if name in _PLAIN:
        return SqlType(_PLAIN[name], written, name=name)
    if name in _RANGES:
        return SqlType(Kind.RANGE, written, name=name, element=parse_type(_RANGES[name]))
    if name.endswith("multirange") and name.replace("multirange", "range") in _RANGES:
        element = parse_type(_RANGES[name.replace("multirange", "range")])
        return SqlType(Kind.MULTIRANGE, written, name=name, element=element)
    if name in _GEOMETRIES:
        return SqlType(Kind.GEOMETRY, written, name=name)
    return _unknown(written, dialect)


def _unknown(written: str, dialect: str) -> SqlType:
    """A type of no known name. SQLite takes any words, and goes by what is in them."""
    upper = written.upper()
    if dialect == "sqlite":
        if "INT" in upper:
            return SqlType(Kind.INTEGER, written, bits=64)
        if not written or any(word in upper for word in ("CHAR", "CLOB", "TEXT")):
            return SqlType(Kind.STRING, written)
        if "BLOB" in upper:
            return SqlType(Kind.BINARY, written)
        if any(word in upper for word in ("REAL", "FLOA", "DOUB")):
            return SqlType(Kind.FLOAT, written, bits=64)
    return SqlType(Kind.OTHER, written, name=written)


def _float_bits(name: str, first: int | None, dialect: str) -> int:
    if dialect == "sqlite":
        return 64
    if name == "float":
        if first is not None and dialect not in ("mysql", "mariadb"):
            return 32 if first <= 24 else 64
        return 32 if dialect in ("duckdb", "mysql", "mariadb") else 64
    if name == "real":
        return 64 if dialect in ("mysql", "mariadb") else 32
    return 32 if name == "float4" else 64


def _parse_array(written: str, named: Mapping[str, SqlType], dialect: str) -> SqlType | None:
    match = re.match(r"^(?P<element>.+?)\s*\[\s*(?P<length>\d*)\s*\]$", written, re.DOTALL)
    if match:
        element = parse_type(match["element"], named, dialect)
        length = int(match["length"]) if match["length"] else None
        # PostgreSQL ignores a declared array size; DuckDB enforces it.
        return SqlType(Kind.ARRAY, written, element=element, length=length if dialect == "duckdb" else None)
    match = re.match(r"^(?P<element>.+?)\s+array(?:\s*\[\s*\d*\s*\])?$", written, re.IGNORECASE | re.DOTALL)
    if match:
        return SqlType(Kind.ARRAY, written, element=parse_type(match["element"], named, dialect))
    return None


def _parse_nested(written: str, lowered: str, named: Mapping[str, SqlType], dialect: str) -> SqlType | None:
    if re.match(r"^(enum|set)\s*\(", lowered):
        labels = tuple(a.replace("''", "'") for a in re.findall(r"'((?:[^']|'')*)'", written[written.index("(") :]))
        return SqlType(Kind.SET if lowered.startswith("set") else Kind.ENUM, written, labels=labels)
    match = re.match(r"^(struct|row)\s*\((?P<inside>.*)\)$", written, re.IGNORECASE | re.DOTALL)
    if match:
        fields = []
        for part in split_arguments(match["inside"]):
            found = re.match(r'^("(?:[^"]|"")+"|\S+)\s+(.+)$', part.strip(), re.DOTALL)
            if not found:
                return SqlType(Kind.OTHER, written, name=written)
            name = found[1][1:-1].replace('""', '"') if found[1].startswith('"') else found[1]
            fields.append((name, parse_type(found[2], named, dialect)))
        return SqlType(Kind.STRUCT, written, fields=tuple(fields))
    match = re.match(r"^map\s*\((?P<inside>.*)\)$", written, re.IGNORECASE | re.DOTALL)
    if match:
        parts = split_arguments(match["inside"])
        if len(parts) == 2:
            key, value = (parse_type(p, named, dialect) for p in parts)
            return SqlType(Kind.MAP, written, fields=(("key", key), ("value", value)))
    return None


def split_arguments(text: str) -> list[str]:
    """Split at the commas that are outside brackets and quotes."""
    parts, depth, quote, current = [], 0, "", ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        if character == "," and depth == 0 and not quote:
            parts.append(current)
            current = ""
        else:
            current += character
    return [*parts, current] if current.strip() or parts else []
