"""Reading vocabulary files: what is right, and where it is wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from ssgproj.errors import ProjectError, RunError
from ssgproj.project.model import Column, Model, TableName, Vocabulary
from ssgproj.project.types import parse_type
from ssgproj.vocabularies import read_vocabulary, vocabulary_path, vocabulary_rows
from ssgproj.vocabularies.write import csv_header, csv_rows


def model(table: str = "v", **types: str) -> Model:
    columns = tuple(Column(n, parse_type(t.rstrip("?")), nullable=t.endswith("?")) for n, t in types.items())
    return Model(TableName(table), f"models/{table}.yml", columns, vocabulary=Vocabulary("public"))


def written(root: Path, text: str | bytes) -> Path:
    (root / "vocabularies").mkdir(exist_ok=True)
    (root / "vocabularies/v.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return root


def read(root: Path, of: Model) -> list[dict]:
    return [r for b in read_vocabulary(root, of) for r in b.to_pylist()]


def findings(root: Path, of: Model) -> list[tuple[str, str]]:
    with pytest.raises(ProjectError) as caught:
        read(root, of)
    return [(str(d.at), d.message) for d in caught.value.diagnostics]


def test_null_is_not_the_empty_string(tmp_path: Path) -> None:
    assert read(written(tmp_path, 'a,b\n1,\n2,""\n3,NULL\n'), model(a="int", b="text?")) == [
        {"a": 1, "b": None},
        {"a": 2, "b": ""},
        {"a": 3, "b": "NULL"},
    ]


def test_one_column_may_be_null(tmp_path: Path) -> None:
    assert read(written(tmp_path, 'a\nx\n\n""\n'), model(a="text?")) == [{"a": "x"}, {"a": None}, {"a": ""}]
    assert vocabulary_rows(tmp_path, model(a="text?")) == 3


def test_columns_in_any_order_and_windows_line_ends(tmp_path: Path) -> None:
    assert read(written(tmp_path, "\ufeffb,a\r\nx,1\r\n"), model(a="int", b="text")) == [{"a": 1, "b": "x"}]


def test_only_a_header_is_no_rows_with_a_schema(tmp_path: Path) -> None:
    [batch] = read_vocabulary(written(tmp_path, "a\n"), model(a="int"))
    assert batch.num_rows == 0 and batch.schema == pa.schema([("a", pa.int32())])
    assert vocabulary_rows(tmp_path, model(a="int")) == 0


def test_decimals_without_a_size_are_as_wide_as_they_need(tmp_path: Path) -> None:
    of = model(a="numeric")
    assert next(read_vocabulary(written(tmp_path, "a\n1.5\n"), of)).schema.field("a").type == pa.decimal128(18, 4)
    assert read(written(tmp_path, "a\n1.23456789\n12345678901234567890\n"), of) == [
        {"a": Decimal("1.23456789")},
        {"a": Decimal(12345678901234567890)},
    ]


@pytest.mark.parametrize(
    ("text", "types", "at", "says"),
    [
        ("a,b\n1,x\ntwo,y\n", {"a": "int", "b": "text"}, "vocabularies/v.csv:3:1", "a whole number of 32 bits"),
        ('b,a\n"x\n,y",1\nz,1.5\n', {"a": "int", "b": "text"}, "vocabularies/v.csv:4:3", "a whole number"),
        ("a\n1\n\n", {"a": "int"}, "vocabularies/v.csv:3:1", "is NULL"),
        ("a,b\n1,2\n1\n", {"a": "int", "b": "int"}, "vocabularies/v.csv:3:1", "1 fields"),
        ("a,ab\n", {"a": "int", "b": "int"}, "vocabularies/v.csv:1:3", "`ab` is not a column"),
        ("a,a\n", {"a": "int"}, "vocabularies/v.csv:1:3", "twice"),
        ("a\n", {"a": "int", "b": "int"}, "vocabularies/v.csv:1:1", "`b` is missing"),
        ("", {"a": "int"}, "vocabularies/v.csv:1:1", "empty"),
        ('a\nx\n"y\nz\n', {"a": "text"}, "vocabularies/v.csv:3:1", "never closed"),
        ("a\n2020-13-01\n", {"a": "date"}, "vocabularies/v.csv:2:1", "YYYY-MM-DD"),
        ("a\n12.345\n", {"a": "numeric(5, 2)"}, "vocabularies/v.csv:2:1", "behind the point"),
        ("a\n[1\n", {"a": "int[]"}, "vocabularies/v.csv:2:1", "JSON"),
        ("a\nzz\n", {"a": "bytea"}, "vocabularies/v.csv:2:1", "hexadecimal"),
        ("a\nP1Y\n", {"a": "interval"}, "vocabularies/v.csv:2:1", "an interval"),
        ("a\nmaybe\n", {"a": "boolean"}, "vocabularies/v.csv:2:1", "`true` or `false`"),
    ],
)
def test_wrong_files_are_told_at_their_place(
    tmp_path: Path, text: str, types: dict[str, str], at: str, says: str
) -> None:
    [(place, message), *_] = findings(written(tmp_path, text), model(**types))
    assert place == at and says in message


def test_not_utf8(tmp_path: Path) -> None:
    assert findings(written(tmp_path, b"a\nx\n\xff\xfe\n"), model(a="text"))


def test_missing_and_double_files(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="has not been copied") as caught:
        read(tmp_path, model(a="int"))
    assert caught.value.hint and caught.value.hint.endswith("ssg vocab --select vocabulary.v")
    written(tmp_path, "a\n")
    (tmp_path / "vocabularies/v.parquet").write_bytes(b"")
    with pytest.raises(RunError, match="twice"):
        vocabulary_rows(tmp_path, model(a="int"))


def test_names_that_files_cannot_have(tmp_path: Path) -> None:
    (tmp_path / "vocabularies").mkdir()
    (tmp_path / "vocabularies/a%2Fb.csv").write_text("a\n")
    assert vocabulary_path(tmp_path, model("a/b", a="int")).name == "a%2Fb.csv"


def test_written_text_is_read_again(tmp_path: Path) -> None:
    of = model(
        a="text?",
        f="double precision?",
        t="time?",
        ts="timestamp?",
        i="interval?",
        b="bytea?",
        d="numeric(30, 20)?",
        m="int[]?",
    )
    rows = [
        {"a": 'x,"\r\n', "f": 1e-300, "t": "01:02:03.5", "ts": "2020-01-01T00:00:00.000001", "i": "-P1DT2H", "b": "\\x00", "d": "0.00000000000000000001", "m": "[]"},
        {"a": "", "f": float("inf"), "t": "00:00:00", "ts": "0001-01-01T00:00:00", "i": "PT0S", "b": "\\x", "d": "-1.5", "m": "[null, 1]"},
        dict.fromkeys(["a", "f", "t", "ts", "i", "b", "d", "m"]),
    ]  # fmt: skip
    from ssgproj.generators.arrow import arrow_type
    from ssgproj.vocabularies.text import from_text

    arrays = [
        from_text(
            pa.array([None if r[c.name] is None else str(r[c.name]) for r in rows], pa.string()),
            c.type,
            arrow_type(c.type),
        )
        for c in of.columns
    ]
    batch = pa.RecordBatch.from_arrays(arrays, names=[c.name for c in of.columns])
    written(tmp_path, csv_header(batch.schema.names) + csv_rows(batch, of.columns))
    assert read(tmp_path, of) == batch.to_pylist()
