"""LOAD DATA LOCAL INFILE for MariaDB and MySQL, from memory, through PyMySQL.

The server may ask a client that allows LOCAL for any file it likes, in answer to any statement. PyMySQL would send it; here nothing but the
rows of the statement at hand is ever sent. LOCAL also turns errors into warnings and leaves out rows that break a key: each warning is an error
here, and so is a row that did not arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.targets.ddl.names import quote_backtick
from ssgproj.targets.rows import plain

CAPABILITY = {"local_infile": True}
"""What PyMySQL must be told when it connects."""
_FILE = b"ssg"
_PACKET = 256 * 1024


@dataclass(frozen=True, slots=True)
class Field:
    """A column to load. `around` turns what is sent into the value, `@` standing for it (`UNHEX(@)`)."""

    name: str
    around: str | None = None


def can_load(connection: Any) -> bool:
    """Whether this connection may use LOAD DATA LOCAL. Afterwards PyMySQL itself answers no request for a file."""
    if not getattr(connection, "_local_infile", False) or not hasattr(connection, "_execute_command"):
        return False
    connection._local_infile = False
    cursor = connection.cursor()
    cursor.execute("SELECT @@local_infile")
    allowed = bool(cursor.fetchone()[0])
    if allowed:
        cursor.execute("SET sql_notes = 0")  # only what would be an error elsewhere counts as a warning
    return allowed


def load(connection: Any, place: str, fields: Sequence[Field], batch: pa.RecordBatch) -> None:
    """Append a batch to the table at `place`. Raises what the driver would for an INSERT of the same rows."""
    if not batch.num_rows:
        return
    taken = ", ".join(f"@v{n}" if f.around else quote_backtick(f.name) for n, f in enumerate(fields))
    made = [f"{quote_backtick(f.name)} = {f.around.replace('@', f'@v{n}')}" for n, f in enumerate(fields) if f.around]
    sets = f" SET {', '.join(made)}" if made else ""
    statement = (
        f"LOAD DATA LOCAL INFILE '{_FILE.decode()}' INTO TABLE {place} CHARACTER SET utf8mb4 "
        f"FIELDS TERMINATED BY 0x09 ESCAPED BY 0x5C LINES TERMINATED BY 0x0A ({taken}){sets}"
    )
    affected, warnings = _send(connection, statement, lines(batch))
    if warnings or affected != batch.num_rows:
        cursor = connection.cursor()
        cursor.execute("SHOW WARNINGS")
        found = [(code, text) for level, code, text in cursor.fetchall() if level != "Note"]
        raise connection.DataError(*(found[0] if found else (1062, "")))


def _send(connection: Any, statement: str, data: memoryview) -> tuple[int, int]:
    """(rows that arrived, warnings)."""
    from pymysql.constants import COMMAND
    from pymysql.protocol import LoadLocalPacketWrapper, OKPacketWrapper

    connection._execute_command(COMMAND.COM_QUERY, statement.encode())
    asked = LoadLocalPacketWrapper(connection._read_packet())
    if asked.filename == _FILE:
        for start in range(0, len(data), _PACKET):
            connection.write_packet(bytes(data[start : start + _PACKET]))
    connection.write_packet(b"")
    answer = OKPacketWrapper(connection._read_packet())
    return answer.affected_rows, answer.warning_count


def lines(batch: pa.RecordBatch) -> memoryview:
    """The rows of a batch as tab-separated lines, `\\N` for NULL."""
    columns = [_escaped(a) for a in batch.columns]
    last = columns.pop()
    columns.append(pc.binary_join_element_wise(last, pa.scalar("\n", last.type), pa.scalar("", last.type)))
    rows = pc.binary_join_element_wise(*columns, pa.scalar("\t", last.type)) if len(columns) > 1 else columns[0]
    return memoryview(rows.buffers()[2])[: pc.sum(pc.binary_length(rows)).as_py() or 0]


def _escaped(array: pa.Array) -> pa.Array:
    texts = _texts(array)
    if texts.type == pa.large_string() and not _never_special(array.type):
        for character, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\0", "\\0")):
            if pc.any(pc.match_substring(texts, character)).as_py() is True:
                texts = pc.replace_substring(texts, character, written)
    return texts.fill_null("\\N") if texts.null_count else texts


def _never_special(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or pa.types.is_binary(kind)
    )  # booleans, numbers, times


def _texts(array: pa.Array) -> pa.Array:
    """What `rows.plain` makes of a column, as text; bytes in hexadecimal digits."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _texts(array.dictionary_decode())
    if pa.types.is_boolean(kind):
        return array.cast(pa.int8()).cast(pa.large_string())
    if pa.types.is_timestamp(kind):
        return array.cast(pa.timestamp("us")).cast(pa.large_string())
    if pa.types.is_binary(kind):
        return pa.array([None if v is None else v.hex() for v in array.to_pylist()], pa.large_string())
    quick = (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_string(kind)
        or pa.types.is_date(kind)
        or pa.types.is_time(kind)
    )
    return array.cast(pa.large_string()) if quick else pa.array(plain(array), pa.large_string())
