"""What is particular to Parquet: folders of files, the same bytes from the same rows, one swap at the end."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ssgproj.errors import SsgError
from ssgproj.project.model import Model, PrimaryKey, TableName
from ssgproj.targets import open_destination, parquet
from tests.targets.target_zoo import batch, column, model, rows_of, run, schema_of


def files(root: Path) -> dict[str, str]:
    found = sorted(p for p in root.rglob("*") if p.is_file())
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def numbers(start: int, stop: int, size: int) -> list[pa.RecordBatch]:
    whole = pa.record_batch([pa.array(np.arange(start, stop, dtype=np.int32))], names=["id"])
    return [whole.slice(i, size) for i in range(0, whole.num_rows, size)]


def test_the_same_rows_give_the_same_bytes_however_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_A_FILE", 3 * parquet.ROWS_A_GROUP)
    made = model("t", column("id", "integer"), primary_key=PrimaryKey(("id",)))
    for name, size in (("a", 50_000), ("b", 70_001), ("c", 500_000)):
        run(open_destination(f"parquet:///{name}", tmp_path), schema_of(made), {"t": numbers(0, 500_000, size)})
    assert files(tmp_path / "a") == files(tmp_path / "b") == files(tmp_path / "c")
    assert sorted(files(tmp_path / "a")) == [f"t/part-0000{n}.parquet" for n in range(3)]
    assert pq.read_table(tmp_path / "a" / "t").num_rows == 500_000


def test_appending_adds_files_and_leaving_adds_none(tmp_path: Path) -> None:
    made = model("t", column("id", "integer"), primary_key=PrimaryKey(("id",)))
    destination = open_destination("parquet:///out", tmp_path)
    run(destination, schema_of(made), {"t": numbers(0, 10, 10)})
    (tmp_path / "out" / "README").write_text("not ours")
    before = files(tmp_path / "out")
    with destination.session(schema_of(made)) as session:
        session.load(made, numbers(10, 20, 10))
    assert files(tmp_path / "out") == before
    run(destination, schema_of(made), {"t": numbers(10, 20, 10)}, create=False)
    assert {**files(tmp_path / "out"), **before} == files(tmp_path / "out")
    assert [r[0] for r in rows_of(destination, made)] == list(range(20))
    with destination.session(schema_of(made)) as session:
        existing = session.existing(made)
        assert existing is not None and (existing.rows, existing.greatest) == (20, {"id": 19})
        session.drop([made])
        session.commit()
    assert sorted(files(tmp_path / "out")) == ["README"]


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    made = model("t", column("id", "integer"), column("x", "timestamptz"))
    destination = open_destination("parquet:///out", tmp_path)
    run(destination, schema_of(made), {})
    assert pq.read_schema(tmp_path / "out" / "t" / "part-00000.parquet").names == ["id", "x"]
    run(destination, schema_of(made), {"t": []}, create=False)
    assert len(list((tmp_path / "out" / "t").iterdir())) == 1


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    names = [TableName("a.b"), TableName("b", "a"), TableName("x/../y"), TableName("..", ".."), TableName("é %41", "s")]
    models = [Model(n, "m", (column("id", "integer"),)) for n in names]
    destination = open_destination("parquet:///out", tmp_path)
    run(destination, schema_of(*models), {str(m.table): [batch(m, [(n,)])] for n, m in enumerate(models)})
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "%2E%2E.%2E%2E",
        "a%2Eb",
        "a.b",
        "s.é %2541",
        "x%2F%2E%2E%2Fy",
    ]
    assert [rows_of(destination, m) for m in models[2:]] == [[(2,)], [(3,)], [(4,)]]


def test_one_run_at_a_time_and_no_file_in_the_way(tmp_path: Path) -> None:
    destination = open_destination("parquet:///out", tmp_path)
    schema = schema_of()
    with destination.session(schema), pytest.raises(SsgError, match="Another run"), destination.session(schema):
        pass
    (tmp_path / "file").write_text("x")
    with pytest.raises(SsgError, match="is a file"), open_destination("parquet:///file", tmp_path).session(schema):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_where_directories_cannot_be_exchanged_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    made = model("t", column("id", "integer"))
    destination = open_destination("parquet:///out", tmp_path)
    run(destination, schema_of(made), {"t": numbers(0, 3, 3)})
    run(destination, schema_of(made), {"t": numbers(3, 6, 3)}, create=False)
    assert len(rows_of(destination, made)) == 6
    (tmp_path / "out").rename(tmp_path / "out.old")  # killed between the two steps
    with destination.session(schema_of(made)) as session:
        assert session.existing(made) is not None
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_dictionary_only_where_values_repeat(tmp_path: Path) -> None:
    """Columns of all kinds come back as they were, empty and nested ones too."""
    count = 10_000
    texts = pa.array([f"key {i}" for i in range(count)])
    kinds = pa.array(["a", None, "b", "c"] * (count // 4))
    made = model(
        "t", column("id", "text"), column("kind", "text", nullable=True), column("none", "integer", nullable=True)
    )
    rows = pa.record_batch([texts, kinds, pa.nulls(count, pa.int32())], names=["id", "kind", "none"])
    nested = model("n", column("id", "integer"), column("tags", "text[]"))
    lists = pa.record_batch([pa.array(range(count), pa.int32()), pa.array([["x", "y"]] * count)], names=["id", "tags"])
    destination = open_destination("parquet:///out", tmp_path)
    run(destination, schema_of(made, nested), {"t": [rows], "n": [lists]})
    assert pq.read_table(tmp_path / "out" / "t").equals(pa.Table.from_batches([rows]))
    assert pq.read_table(tmp_path / "out" / "n").column("tags").to_pylist() == lists.column("tags").to_pylist()
    group = pq.ParquetFile(tmp_path / "out" / "t" / "part-00000.parquet").metadata.row_group(0)
    encoded = {group.column(i).path_in_schema: group.column(i) for i in range(3)}
    assert "RLE_DICTIONARY" not in encoded["id"].encodings and "RLE_DICTIONARY" in encoded["kind"].encodings
    assert encoded["id"].statistics.has_min_max and not encoded["kind"].is_stats_set


def test_texts_in_dictionaries_are_texts_for_readers(tmp_path: Path) -> None:
    """However few of a dictionary's texts a file has, and whatever comes first."""
    many = pa.array([f"name {i}" for i in range(3000)])
    made = model("t", column("few", "text", nullable=True), column("many", "text"))
    batches = []
    for rows in (4000, 10, 250_000):
        place = np.arange(rows, dtype=np.int32)
        few = pa.array(place % 3, mask=place % 7 == 0)
        arrays = [
            pa.DictionaryArray.from_arrays(few, pa.array(["a", "b", "ć"])),
            pa.DictionaryArray.from_arrays(pa.array(place % 3000), many),
        ]
        batches.append(pa.record_batch(arrays, names=["few", "many"]))
    plain = pa.Table.from_batches(batches).cast(pa.schema([("few", pa.string()), ("many", pa.string())]))
    for name, parts in (("small first", [[b] for b in batches]), ("together", [batches])):
        destination = open_destination(f"parquet:///{name}", tmp_path)
        with destination.session(schema_of(made)) as session:
            session.create([made])
            for part in parts:
                session.load(made, part)
            session.finish([made])
            session.commit()
        assert pq.read_table(tmp_path / name / "t").equals(plain)
        assert pq.ParquetFile(tmp_path / name / "t" / "part-00000.parquet").schema_arrow.equals(plain.schema)
