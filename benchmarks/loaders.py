"""The limit of each destination: rows that are ready in memory, through its fastest loader, with the same keys and references at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.airbnb import BARE, KEYS, REFERENCES
from benchmarks.measure import BenchmarkError

if TYPE_CHECKING:
    import pyarrow as pa

    Ready = dict[str, list[pa.RecordBatch]]


def load_postgres(url: str, tables: Ready) -> None:
    """Binary COPY of Arrow into bare tables, then the keys, then the references, in one transaction."""
    import pgpq
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL synchronous_commit = off")
        for name, columns in BARE.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
        for name, batches in tables.items():
            if name == "countries":  # ten rows with decimals, which the encoder cannot send
                _insert_few(connection, name, batches)
                continue
            encoder = pgpq.ArrowToPostgresBinaryEncoder(batches[0].schema)
            with connection.cursor().copy(f"COPY {name} FROM STDIN WITH (FORMAT BINARY)") as copy:
                copy.write(encoder.write_header())
                for batch in batches:
                    copy.write(encoder.write_batch(batch))
                copy.write(encoder.finish())
        for name, key in KEYS.items():
            connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({key})")
        for child, column, parent in REFERENCES:
            connection.execute(f"ALTER TABLE {child} ADD FOREIGN KEY ({column}) REFERENCES {parent} ({KEYS[parent]})")


def _insert_few(connection: object, name: str, batches: list[pa.RecordBatch]) -> None:
    import psycopg

    assert isinstance(connection, psycopg.Connection)
    rows = [tuple(row.values()) for batch in batches for row in batch.to_pylist()]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)


def load_duckdb(path: Path, tables: Ready, *, references: bool) -> None:
    """INSERT from Arrow, keys afterwards. DuckDB can have references only from the start, and checks them row by row; without `references` a
    query verifies them instead, and they do not stand."""
    import duckdb
    import pyarrow as pa

    with duckdb.connect(str(path)) as connection:
        connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
        for name, columns in BARE.items():
            standing = [
                f"FOREIGN KEY ({column}) REFERENCES {parent} ({KEYS[parent]})"
                for child, column, parent in REFERENCES
                if references and child == name
            ]
            connection.execute(f"CREATE TABLE {name} ({', '.join([columns, *standing])})")
            connection.register("ready", pa.Table.from_batches(tables[name]))
            connection.execute(f"INSERT INTO {name} FROM ready")
            connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({KEYS[name]})")
        if not references:
            for child, column, parent in REFERENCES:
                lost = connection.execute(
                    f"SELECT count(*) FROM {child} c ANTI JOIN {parent} p ON c.{column} = p.{KEYS[parent]} WHERE c.{column} IS NOT NULL"
                )
                if lost.fetchall() != [(0,)]:
                    raise BenchmarkError(f"Rows of {child} refer to nothing")


def write_parquet(directory: Path, tables: Ready) -> None:
    """One file a table, compressed as ssg compresses."""
    import pyarrow.parquet as pq

    directory.mkdir()
    for name, batches in tables.items():
        with pq.ParquetWriter(directory / f"{name}.parquet", batches[0].schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_batch(batch, row_group_size=100_000)


def postgres_contents(url: str) -> dict[str, object]:
    """What stands in a database: constraints with their definitions, columns with their types, and rows by table."""
    import psycopg

    found: dict[str, object] = {}
    with psycopg.connect(url) as connection:
        constraints = connection.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'f', 'u', 'c')"
        )
        found["constraints"] = sorted(constraints.fetchall())
        columns = connection.execute(
            "SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
            " WHERE attnum > 0 AND relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        found["columns"] = sorted(columns.fetchall())
        for name in BARE:
            found[name] = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    return found


def duckdb_contents(path: Path) -> dict[str, object]:
    """As `postgres_contents`."""
    import duckdb

    found: dict[str, object] = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        constraints = connection.execute("SELECT table_name, constraint_text FROM duckdb_constraints()").fetchall()
        found["constraints"] = sorted((t, text.replace(" ", "")) for t, text in constraints)
        columns = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        found["columns"] = sorted(connection.execute(columns).fetchall())
        for name in BARE:
            found[name] = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    return found


def same_contents(ours: dict[str, object], theirs: dict[str, object]) -> None:
    """Raises BenchmarkError unless both sides hold the same number of rows under the same constraints: else they are not comparable."""
    for what, mine in ours.items():
        if mine != theirs[what]:
            raise BenchmarkError(f"The limit and `ssg run` differ in {what}, so they cannot be compared")
