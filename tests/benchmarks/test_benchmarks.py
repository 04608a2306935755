"""The benchmarks work, and what they wrote is what the README says."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jsonschema")

from benchmarks import charts, page, readme, results
from benchmarks.measure import BenchmarkError, Sample, command, in_turns
from benchmarks.sections import SECTIONS, section

ROOT = Path(__file__).parents[2]


def check(document: dict[str, Any]) -> None:
    import jsonschema

    jsonschema.validate(document, json.loads(results.SCHEMA.read_text(encoding="utf-8")))


def test_a_tiny_run_of_all_sections(tmp_path: Path, postgres_url: str) -> None:
    """Every section runs, on real databases, and says what it found. SqlSynthGen is left to larger runs: installing it takes a minute."""
    from benchmarks.__main__ import main

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSG_BENCH_POSTGRES_URL", postgres_url)
        assert main(["--tiny", "--only", "generators,limit,growth", "--output", str(tmp_path)]) == 0
    document = results.read(tmp_path / "results.json")
    check(document)
    made = {s["name"]: s for s in document["sections"]}
    assert list(made) == ["generators", "limit", "growth"]
    from ssgproj.generators import GENERATORS

    measured = {m["subject"].partition(" ")[0] for m in made["generators"]["measures"]}
    left_out = {s.split("`")[1] for s in made["generators"]["skipped"]}
    assert measured | left_out == set(GENERATORS)
    assert {m["case"] for m in made["growth"]["measures"]} == {"Parquet", "DuckDB", "PostgreSQL"}
    assert all(m["peak_mb"] > 30 for m in made["growth"]["measures"])
    shares = {r["case"] for r in made["limit"]["ratios"]}
    assert shares == {"DuckDB", "PostgreSQL", "Parquet"}
    assert "<svg" in (tmp_path / "results.html").read_text(encoding="utf-8")


def test_every_section_can_be_had() -> None:
    assert all(callable(section(name)) for name in SECTIONS)
    files = {f.stem for f in (ROOT / "benchmarks" / "sections").glob("*.py")} - {"__init__"}
    assert files == set(SECTIONS)
    told = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in told for name in SECTIONS)


def test_what_was_saved_has_the_shape_that_is_promised() -> None:
    check(results.read())


def test_what_was_saved_tells_nothing_of_whose_machine_it_was() -> None:
    text = results.LATEST.read_text(encoding="utf-8")
    assert "/" not in json.dumps(results.read()["machine"])
    assert not [word for word in ("/tmp", "/home", "/root", "://", "127.0.0.1") if word in text]


def test_the_readme_says_what_was_saved() -> None:
    """Write it anew with `python -m benchmarks.readme`."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.found_block(text) == readme.block(results.read())


def test_a_page_of_what_was_saved() -> None:
    """Nothing is loaded from elsewhere, and every section is there."""
    text = page.render(results.read())
    assert "http" not in text.replace("http-equiv", "")
    assert all(f'id="{s["name"]}"' in text for s in results.read()["sections"])


def test_filling_writes_only_the_block(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before\n\n{readme.BEGIN}\nold\n{readme.END}\n\nafter\n", encoding="utf-8")
    readme.fill(path, results.read())
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n\n<!--") and text.endswith("-->\n\nafter\n") and "\nold\n" not in text


def test_a_ratio_is_of_pairs() -> None:
    """Noise that hits both sides of a pair leaves the ratio as it is."""
    made = results.Section("s", "S", "", "rate")
    ours = made.add("case", "ssg run", 100, [Sample(1.0), Sample(10.0), Sample(2.0)])
    theirs = made.add("case", "limit", 50, [Sample(1.0), Sample(10.0), Sample(2.0)])
    assert made.compare("case", "rows a second", "ssg run", "limit", results.rates(ours, theirs)).median == 2
    assert (ours.median_seconds, ours.per_second) == (2.0, 50)


def test_targets_say_whether_they_are_met() -> None:
    made = results.Section("s", "S", "", "rate")
    made.aim("share", 0.8, 0.9)
    made.aim("share", 0.8, 0.7)
    made.aim("seconds", 0.3, 0.2, most=True)
    made.aim("share", 0.8, 0.1, telling=False)
    made.aim("share", 0.8, None)
    assert [t.met for t in made.targets] == [True, False, True, None, None]


def test_turns_go_there_and_back() -> None:
    order: list[str] = []

    def work(name: str) -> Callable[[], Sample]:
        return lambda: (order.append(name), Sample(1.0))[1]

    samples = in_turns({"a": work("a"), "b": work("b")}, 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert {k: len(v) for k, v in samples.items()} == {"a": 3, "b": 3}


def test_a_command_is_measured_with_its_children() -> None:
    """Memory and time of a process that does its work in another one."""
    child = "import time; held = bytearray(150_000_000); time.sleep(0.4)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    sample = command([sys.executable, "-c", parent])
    assert sample.seconds > 0.4 and sample.peak_mb is not None and 150 < sample.peak_mb < 260


def test_memory_is_the_commands_own() -> None:
    """What this process holds is not counted, although the command begins as a copy of it."""
    held = bytearray(300_000_000)
    sample = command([sys.executable, "-c", "import time; time.sleep(0.2)"])
    assert held and sample.peak_mb is not None and sample.peak_mb < 150


@pytest.mark.skipif(sys.platform != "linux", reason="needs sched_getaffinity")
def test_a_command_on_one_core() -> None:
    command([sys.executable, "-c", "import os; assert len(os.sched_getaffinity(0)) == 1"], one_core=True)


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(BenchmarkError, match=r"(?s)ended with code 3.*what went wrong"):
        command([sys.executable, "-c", "print('what went wrong'); raise SystemExit(3)"])
    begun = time.perf_counter()
    with pytest.raises(BenchmarkError):
        command([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.5)
    assert time.perf_counter() - begun < 30


def test_sides_that_differ_are_not_compared(tmp_path: Path) -> None:
    """A limit without a reference would be no limit."""
    from benchmarks import airbnb, loaders

    project = airbnb.write_project(tmp_path / "p", {"users": 300, "sessions": 500})
    ready = airbnb.ready_rows(project, tmp_path / "ready")
    assert {n: sum(b.num_rows for b in batches) for n, batches in ready.items()} == {
        "countries": 10,
        "users": 300,
        "sessions": 500,
    }
    airbnb.run(project, f"duckdb:///{tmp_path / 'ours.duckdb'}")
    ours = loaders.duckdb_contents(tmp_path / "ours.duckdb")
    for name, references in (("with", True), ("without", False)):
        loaders.load_duckdb(tmp_path / f"{name}.duckdb", ready, references=references)
    loaders.same_contents(ours, loaders.duckdb_contents(tmp_path / "with.duckdb"))
    with pytest.raises(BenchmarkError, match="constraints"):
        loaders.same_contents(ours, loaders.duckdb_contents(tmp_path / "without.duckdb"))


def test_stories_are_counted(tmp_path: Path) -> None:
    """The benchmark's own story runs, and its rows are found in what the run reports."""
    from benchmarks import airbnb

    project = airbnb.write_project(tmp_path / "p", {}, stories=3)
    airbnb.run(project, f"duckdb:///{tmp_path / 'out.duckdb'}")
    assert airbnb.rows_of(project, "users") == 3
    assert 30 <= airbnb.rows_of(project, "sessions") <= 57
    assert airbnb.made_rows(project) == 10 + 3 + airbnb.rows_of(project, "sessions")


def test_an_unknown_section_is_an_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--only", "limits"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "There are: startup" in done.stderr


@pytest.mark.parametrize(
    ("number", "text"), [(0.337, "0.337"), (950, "950"), (65_732, "65,700"), (1_250_000, "1.25 M"), (2e9, "2 G")]
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert charts.count(number) == text


def test_durations_are_short() -> None:
    assert [charts.seconds(s) for s in (0.0853, 1.254, 840)] == ["85 ms", "1.25 s", "14 min"]


def test_bars_that_differ_much_are_logarithmic() -> None:
    measures = [{"subject": "ssg run", "v": 100_000}, {"subject": "other", "v": 50}]
    drawn = charts.bars("t", measures, lambda m: m["v"], charts.count)
    assert drawn.logarithmic and drawn.bars[0].share == 1 and 0 < drawn.bars[1].share < 0.2
    assert [b.ours for b in drawn.bars] == [True, False]
    assert not charts.bars("t", [measures[0]], lambda m: m["v"], charts.count).logarithmic


def test_lines_lie_within_their_chart() -> None:
    drawn = charts.lines("t", {"a": [(1e4, 300.0), (1e6, 450.0)], "b": [(1e5, 10.0)]}, charts.count)
    places = [(x, y) for line in drawn.lines for x, y, _ in line.points]
    assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in places)
    assert [text for _, text in drawn.x_ticks] == ["10,000", "100,000", "1 M"]
