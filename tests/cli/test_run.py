from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.cli.conftest import Ssg


@pytest.fixture
def shop(ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The minimal project, as the working directory."""
    assert ssg("init", "shop").exit_code == 0
    monkeypatch.chdir(work / "shop")
    return work / "shop"


def rows(shop: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(shop / "target" / "shop.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def results(shop: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((shop / "target" / "run_results.json").read_text())
    return document


def test_fills_the_destination(ssg: Ssg, shop: Path) -> None:
    result = ssg("run")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "1 of 2  customers" in result.stderr
    assert "Done: 1,100 rows in 2 tables" in result.stderr
    assert rows(shop, "SELECT count(*) FROM orders") == [(1000,)]
    document = results(shop)
    assert document["status"] == "done"
    assert [(n["id"], n["status"], n["rows"]) for n in document["nodes"]] == [
        ("model.customers", "done", 100),
        ("model.orders", "done", 1000),
    ]


def test_again_adds_and_full_refresh_begins_again(ssg: Ssg, shop: Path) -> None:
    ssg("run")
    first = rows(shop, "SELECT * FROM customers ORDER BY ALL")
    assert ssg("run").exit_code == 0
    assert rows(shop, "SELECT count(*), count(DISTINCT id) FROM customers") == [(200, 200)]
    assert ssg("run", "--full-refresh").exit_code == 0
    assert rows(shop, "SELECT * FROM customers ORDER BY ALL") == first


def test_passes_and_rows_and_seed(ssg: Ssg, shop: Path) -> None:
    assert ssg("run", "--passes", "2", "--rows", "5", "--seed", "9").exit_code == 0
    assert rows(shop, "SELECT count(*) FROM customers") == [(10,)]
    assert results(shop)["seed"] == 9
    assert results(shop)["passes"] == {"first": 0, "count": 2}


def test_dry_run_shows_the_plan_and_touches_nothing(ssg: Ssg, shop: Path) -> None:
    result = ssg("run", "--dry-run")
    assert result.exit_code == 0
    assert "1. model.customers: 100 rows a pass" in result.stdout
    assert not (shop / "target").exists()


def test_a_child_alone_needs_its_parents(ssg: Ssg, shop: Path) -> None:
    result = ssg("run", "--select", "orders")
    assert result.exit_code == 2
    assert "hint: ssg run --select +orders" in result.stderr


def test_a_failure_is_written_down_and_undone(ssg: Ssg, shop: Path) -> None:
    (shop / "generators").mkdir()
    (shop / "generators" / "own.py").write_text("def amount(ctx):\n    raise ValueError('zq7')\n")
    model = shop / "models" / "orders.yml"
    text = model.read_text()
    own = text.replace("{normal: {mean: 40, std_dev: 15, min: 1, max: 200}}", "{python: generators.own.amount}")
    assert own != text
    model.write_text(own)
    result = ssg("run")
    assert result.exit_code == 1, result.output
    assert "own.py" in result.stderr
    document = results(shop)
    assert document["status"] == "failed"
    assert document["error"]["node"] == "model.orders"
    assert [(n["id"], n["status"]) for n in document["nodes"]] == [
        ("model.customers", "undone"),
        ("model.orders", "failed"),
    ]
    assert "zq7" not in json.dumps(document)
    assert not (shop / "target" / "shop.duckdb").exists()


def test_a_vocabulary_edited_wrongly_is_told_with_its_place(ssg: Ssg, shop: Path) -> None:
    (shop / "models" / "kinds.yml").write_text(
        "table: kinds\nvocabulary: {reason: public codes}\ncolumns:\n  id: {type: integer, primary_key: true}\n"
    )
    (shop / "vocabularies").mkdir()
    (shop / "vocabularies" / "kinds.csv").write_text("id\n1\ntwo\n")
    result = ssg("run")
    assert result.exit_code == 1
    assert "vocabularies/kinds.csv:3:1" in result.stderr
    assert results(shop)["error"]["node"] == "vocabulary.kinds"


def test_a_destination_that_is_not_there(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSG_DESTINATION_URL", "postgresql://u:s3cret@127.0.0.1:1/x")
    result = ssg("run")
    assert result.exit_code == 2
    assert "s3cret" not in result.output
    assert (results(shop)["status"], results(shop)["error"]["node"]) == ("failed", None)
    assert "127.0.0.1" not in json.dumps(results(shop))


def test_the_source_is_refused_as_destination(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb.connect(str(shop / "private.duckdb")).close()
    monkeypatch.setenv("SSG_SOURCE_URL", "duckdb:///private.duckdb")
    monkeypatch.setenv("SSG_DESTINATION_URL", f"duckdb:///{shop}/private.duckdb")
    result = ssg("run")
    assert result.exit_code == 2
    assert "The destination is the source" in result.stderr


@pytest.mark.parametrize("workers", ["1", "3"])
def test_an_interrupt_is_told_in_one_line_and_undone(shop: Path, workers: str) -> None:
    """As a terminal does it: every process of the run hears of it."""
    assert subprocess.run([sys.executable, "-m", "ssgproj.cli.main", "run", "-q"], check=False).returncode == 0
    before = rows(shop, "SELECT count(*) FROM orders")
    command = [sys.executable, "-m", "ssgproj.cli.main", "run", "--rows", "100000000", "--workers", workers]

    def heeding() -> None:
        signal.signal(
            signal.SIGINT, signal.default_int_handler
        )  # a shell's background jobs ignore it, and so do theirs

    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heeding,  # noqa: PLW1509 - no thread of ours runs
    ) as run:
        assert run.stderr
        assert "ssg run" in run.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(1)
        os.killpg(run.pid, signal.SIGINT)
        said = run.stderr.read()
    assert run.returncode == 130
    assert "Traceback" not in said
    assert said.strip().endswith("error: Interrupted")
    assert results(shop)["status"] == "interrupted"
    assert rows(shop, "SELECT count(*) FROM orders") == before


def test_a_vocabulary_of_some_columns_that_refers_to_itself(ssg: Ssg, shop: Path) -> None:
    (shop / "models" / "kinds.yml").write_text(
        "table: kinds\nrows: 1000\nvocabulary: {reason: public codes, columns: [id, parent]}\ncolumns:\n"
        "  id: {type: integer, primary_key: true}\n  note: {type: text, nullable: true}\n"
        "  parent: {type: integer, nullable: true, references: kinds.id}\n"
    )
    (shop / "vocabularies").mkdir()
    (shop / "vocabularies" / "kinds.csv").write_text("id,parent\n1,2\n2,\n")
    assert ssg("run").exit_code == 0
    assert rows(shop, "SELECT * FROM kinds ORDER BY id") == [(1, None, 2), (2, None, None)]


def test_shards(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSG_DESTINATION_URL", "parquet:///target/out")
    first = ssg("run", "--shard", "0/2")
    assert first.exit_code == 0, first.output
    assert "Shard 0/2: 1 of 2 parts made, 100 rows" in first.stderr
    assert not (shop / "target" / "run_results.json").exists()
    early = ssg("run", "--shard", "finish")
    assert early.exit_code == 1
    assert "1 of 2 parts are missing: those of 1/2" in early.stderr
    assert ssg("run", "--shard", "1/2").exit_code == 0
    assert not (shop / "target" / "out").exists()
    finished = ssg("run", "--shard", "finish")
    assert finished.exit_code == 0, finished.output
    assert "Done: 1,100 rows in 2 tables" in finished.stderr
    assert results(shop)["status"] == "done"
    assert sorted(p.name for p in (shop / "target" / "out").iterdir()) == ["customers", "orders"]
    assert not (shop / "target" / "out.parts").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--shard", "2/2"], "`2/2` is no shard"),
        (["--shard", "0/2", "--engine", "dask"], "--shard needs no engine"),
        (["--resume"], "--resume is for an engine"),
        (["--engine-address", "tcp://h:1"], "--engine-address is for an engine"),
        (["--shard", "0/2"], "`duckdb` is one file or one connection"),
    ],
)
def test_options_that_do_not_go_together(ssg: Ssg, shop: Path, options: list[str], said: str) -> None:
    result = ssg("run", *options)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert "hint:" in result.stderr


def test_dask_is_asked_for_where_it_is_missing(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSG_DESTINATION_URL", "parquet:///target/out")
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = ssg("run", "--engine", "dask")
    assert result.exit_code == 2
    assert "pip install 'ssgproj[dask]'" in result.stderr
