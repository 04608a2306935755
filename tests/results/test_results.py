"""Results: what is written is read; what was changed is found."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from ssgproj.errors import ProjectError
from ssgproj.ledger import LedgerWriter
from ssgproj.project.stat import Stat, parse_stat
from ssgproj.results import (
    Result,
    StatusKind,
    audit,
    load_results,
    read_result,
    result_path,
    result_status,
    write_result,
)

SQL = """/* ssg:stat
epsilon: 0.5
delta: 1.0e-6
max_ids: 1
columns:
  id: {type: string, private_id: true}
  age: {type: float, lower: 0, upper: 100}
*/
WITH query_result AS (SELECT id, age FROM users) SELECT AVG(age) AS mean FROM query_result
"""


def stat(text: str = SQL) -> Stat:
    return parse_stat(text, "stats/ages.sql", "duckdb")[0]


def result(**more) -> Result:
    values = {
        "stat": "ages",
        "meaning": stat().meaning,
        "columns": (("mean", "float"),),
        "rows": ((49.25,),),
        "epsilon": 0.5,
        "delta": 1e-6,
    }
    return Result(
        **{**values, "released": "2025-01-01T00:00:00Z", "ledger": "ab", "versions": {"ssg": "0.1.0"}, **more}
    )


def test_types_survive(tmp_path: Path) -> None:
    columns = ("int", "float", "string", "boolean", "decimal", "date", "time", "timestamp")
    rows = (
        (1, 1e-6, "NO", True, Decimal("1.50"), date(2020, 1, 1), time(1, 2, 3), datetime(2020, 1, 1, 12)),
        (
            -(2**70),
            math.inf,
            'a"\n\\ é\u2028\x7f\x85',
            False,
            Decimal(0),
            date(1, 1, 1),
            time(0),
            datetime(2020, 1, 1, tzinfo=UTC),
        ),
        (None,) * 8,
        (0, -0.0, "", False, Decimal("-3"), None, None, None),
    )
    written = result(columns=tuple((f"c {t}", t) for t in columns), rows=rows)
    path = write_result(tmp_path, written)
    read, intact = read_result(path)
    assert intact and read.rows == rows and read.columns == written.columns and read == written
    assert [[type(v) for v in row] for row in read.rows] == [[type(v) for v in row] for row in rows]


def test_not_a_number_is_kept_as_such(tmp_path: Path) -> None:
    read, intact = read_result(write_result(tmp_path, result(rows=((math.nan,),))))
    assert intact and math.isnan(read.rows[0][0])


def test_other_yaml_readers_see_the_same(tmp_path: Path) -> None:
    from ruamel.yaml import YAML

    path = write_result(
        tmp_path, result(columns=(("a", "string"), ("b", "float"), ("c", "int")), rows=(("NO", 1e-6, 3),))
    )
    for version in ((1, 1), (1, 2)):
        yaml = YAML(typ="safe", pure=True)
        yaml.version = version  # type: ignore[assignment]
        assert yaml.load(path)["rows"] == [["NO", 1e-6, 3]]


def test_fresh(tmp_path: Path) -> None:
    write_result(tmp_path, result())
    assert load_results(tmp_path, [stat()]) == {"ages": {"mean": [49.25]}}
    # Comments and layout are not meaning.
    again = stat(
        SQL.replace("SELECT id, age", "SELECT id,\n  age -- years\n").replace(
            "epsilon: 0.5", "description: x\nepsilon: 0.5"
        )
    )
    assert result_status(tmp_path, again).kind is StatusKind.FRESH


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("49.25", "50.25"),
        ("epsilon: 0.5", "epsilon: 0.1"),
        ("mean: float", "men: float"),
        ("  - [49.25]", ""),
        ('"ab"', '"ac"'),
        ("sha256", "sha"),
        ("stat: ages", "stat: ["),
    ],
)
def test_edited(tmp_path: Path, old: str, new: str) -> None:
    path = write_result(tmp_path, result())
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    status = result_status(tmp_path, stat())
    assert status.kind is StatusKind.EDITED and status.hint and status.hint.endswith("git checkout results/ages.yml")
    with pytest.raises(ProjectError):
        load_results(tmp_path, [stat()])


def test_layout_may_change(tmp_path: Path) -> None:
    path = write_result(tmp_path, result())
    path.write_text(path.read_text().replace("  - [49.25]", "  # a note\n  - - 49.25").replace("\n", "\r\n"))
    assert result_status(tmp_path, stat()).kind is StatusKind.FRESH


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!python/object/apply:os.system [echo]",
        "a: &a [*a]",
        "stat: ages\nrows:\n  - [",
        "\x00",
        "rows: " + "[" * 3000,
    ],
)
def test_hostile_files_are_edited_files(tmp_path: Path, text: str) -> None:
    path = result_path(tmp_path, "ages")
    path.parent.mkdir()
    path.write_text(text)
    assert result_status(tmp_path, stat()).kind is StatusKind.EDITED


def test_missing_and_stale(tmp_path: Path) -> None:
    assert result_status(tmp_path, stat()).kind is StatusKind.MISSING
    write_result(tmp_path, result())
    stale = result_status(tmp_path, stat(SQL.replace("upper: 100", "upper: 90")))
    assert stale.kind is StatusKind.STALE and stale.hint == "run it again: ssg stats --select stat.ages"


def test_refused_unless_kept(tmp_path: Path) -> None:
    write_result(tmp_path, result(refused=("`mean` is not a number",)))
    assert result_status(tmp_path, stat()).kind is StatusKind.REFUSED
    write_result(tmp_path, result(refused=("`mean` is not a number",), kept=True))
    assert result_status(tmp_path, stat()).kind is StatusKind.FRESH


def test_audit(tmp_path: Path) -> None:
    writer = LedgerWriter(tmp_path)
    intent = writer.intend("ages", 0.5, 1e-6, stat().meaning)
    good = result(ledger=intent)
    write_result(tmp_path, good)
    assert [d.code for d in audit(tmp_path, [stat()])] == ["PJ042"]
    writer.finish("ages", stat().meaning, good.sha256)
    assert audit(tmp_path, [stat()]) == []
    # A forged result with a right checksum of its own.
    write_result(tmp_path, result(ledger=intent, rows=((1.0,),)))
    assert [d.code for d in audit(tmp_path, [stat()])] == ["PJ042"]
