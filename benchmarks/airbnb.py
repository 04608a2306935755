"""The schema that everything is measured on: the example project's users (16 mixed columns) and sessions (7), with the countries they refer to."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import BenchmarkError, Sample, command

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.plan.plan import Plan

KEYS = {"countries": "country_destination", "users": "id", "sessions": "id"}
REFERENCES = (("users", "country_destination", "countries"), ("sessions", "user_id", "users"))
BARE = {
    "countries": """country_destination varchar(5) NOT NULL, lat_destination numeric(9, 6) NOT NULL, lng_destination numeric(9, 6) NOT NULL,
        distance_km numeric(9, 4) NOT NULL, destination_km2 integer NOT NULL, destination_language varchar(10) NOT NULL,
        language_levenshtein_distance numeric(6, 2) NOT NULL""",
    "users": """id varchar(10) NOT NULL, date_account_created date NOT NULL, timestamp_first_active timestamp NOT NULL, date_first_booking date,
        gender varchar(10) NOT NULL, age integer, signup_method varchar(10) NOT NULL, signup_flow integer NOT NULL, language varchar(10) NOT NULL,
        affiliate_channel varchar(20) NOT NULL, affiliate_provider varchar(20) NOT NULL, first_affiliate_tracked varchar(20),
        signup_app varchar(10) NOT NULL, first_device_type varchar(30) NOT NULL, first_browser varchar(40) NOT NULL,
        country_destination varchar(5)""",
    "sessions": """id integer NOT NULL, user_id varchar(10) NOT NULL, action varchar(50) NOT NULL, action_type varchar(30),
        action_detail varchar(50), device_type varchar(40) NOT NULL, secs_elapsed integer""",
}
"""The columns of each table, parents first, without keys and references. That they are those of the models is checked on what was loaded."""

STORY = '''"""Users sign up on one device, then browse, mostly on that device."""
from collections.abc import Generator

from ssgproj.stories import Row, StoryContext, story

DEVICES = ["Mac Desktop", "Windows Desktop", "iPhone"]


@story(count={count}, inserts=["users", "sessions"])
def sign_ups(ctx: StoryContext) -> Generator[Row, Row, None]:
    """One user with 10 to 19 sessions."""
    user = yield Row("users", first_device_type=ctx.random.choice(DEVICES))
    for _ in range(ctx.random.randint(10, 19)):
        same = ctx.random.random() < 0.8
        device = user["first_device_type"] if same else ctx.random.choice(DEVICES)
        yield Row("sessions", user_id=user["id"], device_type=device)
'''
ROWS_A_STORY = 15.5
BATCH_ROWS = 65_536


def write_project(directory: Path, rows: Mapping[str, int], *, defaults: bool = False, stories: int = 0) -> Path:
    """A copy of the example with so many rows of `users` and `sessions`.

    With `defaults` nothing says how a column is filled but its type, keys and references. With `stories` there are that many, and no other rows.
    """
    from ruamel.yaml import YAML

    from ssgproj.templating import data_directory

    ignored = shutil.ignore_patterns("target", ".ssg", "*.duckdb", "*.duckdb.wal", ".env", "stories")
    shutil.copytree(data_directory("example_project"), directory, ignore=ignored)
    (directory / "models" / "age_gender_bkts.yml").unlink()
    yaml = YAML()
    settings = yaml.load(directory / "ssg_project.yml")
    settings.pop("stories", None)  # of the stories that were left out
    yaml.dump(settings, directory / "ssg_project.yml")
    for table in ("users", "sessions"):
        file = directory / "models" / f"{table}.yml"
        model = yaml.load(file)
        model["rows"] = 0 if stories else rows[table]
        if defaults:
            for column in model["columns"].values():
                column.pop("generate", None)
        yaml.dump(model, file)
    if stories:
        (directory / "stories").mkdir()
        (directory / "stories" / "sign_ups.py").write_text(STORY.format(count=stories), encoding="utf-8")
    return directory


def ssg(*arguments: str) -> list[str]:
    """The command line of ssg, in the interpreter that runs this."""
    return [sys.executable, "-m", "ssgproj.cli.main", *arguments]


def run(project: Path, url: str, *options: str, one_core: bool = False) -> Sample:
    """`ssg run` into an empty destination: the whole command, and within it what it reports itself."""
    results = project / "target" / "run_results.json"
    results.unlink(missing_ok=True)
    arguments = ssg("run", "--project-dir", str(project), "-q", *options)
    sample = command(arguments, environment={"SSG_DESTINATION_URL": url}, one_core=one_core)
    told = json.loads(results.read_text(encoding="utf-8"))
    return Sample(sample.seconds, sample.cpu_seconds, sample.peak_mb, told["seconds"])


def made_rows(project: Path) -> int:
    """How many rows the last run made."""
    told = json.loads((project / "target" / "run_results.json").read_text(encoding="utf-8"))
    return sum(node["rows"] for node in told["nodes"])


def rows_of(project: Path, table: str) -> int:
    """How many rows of one table the last run made, by itself and in stories."""
    told = json.loads((project / "target" / "run_results.json").read_text(encoding="utf-8"))
    counts = [node.get("tables", {node["id"]: node["rows"]}) for node in told["nodes"]]
    return sum(count.get(f"model.{table}", 0) for count in counts)


def plan_of(project: Path) -> Plan:
    """The plan of a project, with its results."""
    from ssgproj.graph.resolve import resolve
    from ssgproj.plan.compile import compile_plan
    from ssgproj.project.parse import parse_project
    from ssgproj.results import load_results
    from ssgproj.vocabularies import vocabulary_rows

    parsed = parse_project(project)
    graph = resolve(parsed)
    if errors := [d for d in (*parsed.diagnostics, *graph.diagnostics) if d.is_error]:
        raise BenchmarkError(errors[0].message)
    sizes = {m.node_id: vocabulary_rows(project, m) for m in graph.models.values() if m.vocabulary}
    plan, found = compile_plan(graph, stats=load_results(project, graph.project.stats), vocabulary_rows=sizes)
    if errors := [d for d in found if d.is_error]:
        raise BenchmarkError(errors[0].message)
    return plan


def ready_rows(project: Path, directory: Path) -> dict[str, list[pa.RecordBatch]]:
    """The rows that `ssg run` makes, in memory, by table, parents first. They go through Parquet in `directory`, which is deleted."""
    import pyarrow.parquet as pq

    run(project, f"parquet:///{directory}")
    made: dict[str, list[pa.RecordBatch]] = {}
    for name in BARE:
        parts = sorted((directory / name).glob("*.parquet"))
        made[name] = [batch for part in parts for batch in pq.ParquetFile(part).iter_batches(batch_size=BATCH_ROWS)]
    shutil.rmtree(directory)
    return made
