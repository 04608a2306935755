"""Whatever the schema, stories that leave columns out get rows that keep every constraint, and are told of each what stands."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st

from ssgproj.engine.run import run_plan
from ssgproj.errors import RunError
from ssgproj.graph.graph import Graph
from ssgproj.graph.resolve import resolve
from ssgproj.plan.artifacts import plan_text
from ssgproj.plan.compile import compile_plan
from ssgproj.project.model import Model
from ssgproj.project.names import table_text
from ssgproj.project.project import Generation, Project, Settings
from ssgproj.project.story import parse_stories
from ssgproj.targets import open_destination
from tests.engine.schemas import schemas, violations
from tests.engine.test_any_schema import _rows

STORY = """
import json
from pathlib import Path

from ssgproj.stories import Row, story

TABLES = {tables!r}


@story(count={count}, inserts=TABLES, max_rows=100, timeout=300)
def told(ctx):
    rows = []
    for table in TABLES:
        for _ in range(ctx.random.randint(1, 3)):
            row = yield Row(table)
            if ctx.random.random() < {reads}:
                for column in ctx.random.sample(list(row), ctx.random.randint(0, len(row))):
                    row[column]
            rows.append(row)
    with Path({seen!r}).open("a") as file:
        for row in rows:
            file.write(json.dumps([row.table, [repr(row[c]) for c in row]]) + "\\n")
"""


def graph_with_story(models: list[Model], tables: list[str], count: int, reads: float, root: Path) -> Graph:
    (root / "stories").mkdir()
    text = STORY.format(tables=tables, count=count, reads=reads, seen=str(root / "seen.jsonl"))
    (root / "stories" / "s.py").write_text(text.replace("inserts=TABLES", f"inserts={tables!r}"))
    stories, problems = parse_stories(root)
    assert not problems
    zoo = Settings("zoo", "zoo", dialect="postgres", generation=Generation(seed=1))
    return resolve(Project(root, zoo, tuple(models), stories=stories))


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(schemas(), st.data())
def test_every_constraint_holds_and_rows_are_as_told(models: list[Model], data: st.DataObject) -> None:
    names = [table_text(m.table) for m in models]
    told = data.draw(
        st.lists(st.sampled_from(names), min_size=1, unique=True).map(lambda t: sorted(t, key=names.index))
    )
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        graph = graph_with_story(models, told, data.draw(st.integers(1, 6)), data.draw(st.sampled_from([0, 0.5])), root)
        assume(not any(d.is_error for d in graph.diagnostics))
        plan, problems = compile_plan(graph)
        assume(not any(d.is_error for d in problems))
        note(plan_text(plan))
        destination = open_destination("duckdb:///zoo.duckdb", root)
        try:
            run_plan(plan, destination, passes=2)
        except RunError as error:
            # A domain of a few values has no more to give than it has.
            assume(not any(t in error.message for t in ("has no more values", "with the same", "does not meet")))
            raise
        tables = {m.table: _rows(m, destination.read(m)) for m in models}
        assert violations(models, tables) == []
        seen = [json.loads(line) for line in (root / "seen.jsonl").read_text().splitlines()]
        stand = {table_text(t): {tuple(map(repr, r.values())) for r in rows.to_pylist()} for t, rows in tables.items()}
        for table, values in seen:
            assert tuple(values) in stand[table]
