"""Values a second of every kind of generator, alone, on one core: no database, no other column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.context import Context
from benchmarks.measure import BenchmarkError, Sample, timed
from benchmarks.results import Section

if TYPE_CHECKING:
    from ssgproj.plan.plan import TablePlan

TYPES = {
    "after": "timestamp", "boolean": "boolean", "date": "date", "datetime": "timestamp", "duration": "interval", "json": "json", "time": "time",
    "uuid": "uuid", "derive": "numeric(10,2)", "choice": "text", "constant": "text", "mimesis": "text", "pattern": "text", "python": "text",
    "text": "text",
}  # fmt: skip
"""A column that suits the example in each kind's documentation. Kinds that are not here are tried on each of `OTHER_TYPES`."""
OTHER_TYPES = ("integer", "text", "date", "timestamp", "double precision", "boolean")
MODEL = """table: measured
rows: 10000000
columns:
  price: {{type: double precision, generate: {{uniform: {{min: 1, max: 99}}}}}}
  quantity: {{type: integer, generate: {{integer: {{min: 1, max: 9}}}}}}
  created_on: {{type: date, generate: date}}
  created_at: {{type: timestamp, generate: datetime}}
  country: {{type: text, generate: {{choice: [FR, UK]}}}}
  value: {{type: "{type}", nullable: true, null_rate: 0, {generate}}}
"""
OWN_MODELS = {
    "correlated": """table: measured
rows: 10000000
columns: {{value: {{type: double precision}}, other: {{type: double precision}}}}
generators:
  - correlated: {{means: {{value: 40, other: 9}}, std_devs: {{value: 12, other: 3}}, correlations: {{"value other": 0.6}}}}
    columns: [value, other]
""",
    "per_parent": """table: measured
columns:
  id: {{type: integer, primary_key: true}}
  value: {{type: integer, references: users.id, {generate}}}
""",
    "series": """table: measured
columns:
  id: {{type: integer, primary_key: true}}
  user_id: {{type: integer, references: users.id, generate: {{per_parent: [1, 20]}}}}
  value: {{type: "{type}", {generate}}}
""",
}
"""Kinds that need a table of their own, in which the column `value` is measured."""
FILES = {
    "ssg_project.yml": "name: kinds\nconfig_version: 1\nprofile: kinds\nsource: {dialect: postgres}\n",
    "models/users.yml": "table: users\nrows: 1000000\ncolumns:\n  id: {type: integer, primary_key: true}\n",
    "generators/dates.py": (
        '"""For the example of `python`."""\n\nfrom datetime import timedelta\n\n\n'
        "def booking(start, days: int):\n    return str(start + timedelta(days=days))\n"
    ),
}


def measure(context: Context) -> Section:
    from ssgproj.generators import GENERATORS

    about = "Each kind with the example of its documentation; the column's type in brackets. Batches of 65,536 values, on one core."
    section = Section("generators", "Generators", about, "rate")
    for kind in GENERATORS:
        if getattr(GENERATORS[kind], "masks", False):
            section.skipped.append(f"`{kind}`: fills no column of its own")
            continue
        try:
            column_type, table, project = _planned(kind, context.workspace("generators"))
        except BenchmarkError as error:
            section.skipped.append(f"`{kind}`: no case that works ({error})")
            continue
        made = list(_timed(table, project, context.sizes.batches))
        rows = round(sum(n for n, _ in made) / len(made))
        section.add("values a second", f"{kind} ({column_type})", rows, [sample for _, sample in made], unit="values")
    return section


def _planned(kind: str, directory: Path) -> tuple[str, TablePlan, Path]:
    """The first column type for which the kind's own example makes a plan. Raises BenchmarkError."""
    from ssgproj.generators import GENERATORS
    from ssgproj.generators.documentation import example

    told = "its example makes no plan"
    model = OWN_MODELS.get(kind, MODEL)
    generate = example(GENERATORS[kind]).strip()
    for number, column_type in enumerate([TYPES[kind]] if kind in TYPES else OTHER_TYPES):
        project = directory / f"{kind}{number}"
        for name, text in {**FILES, "models/measured.yml": model.format(type=column_type, generate=generate)}.items():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text(text, encoding="utf-8")
        try:
            return column_type, _plan(project), project
        except BenchmarkError as error:
            told = str(error)
    raise BenchmarkError(told)


def _plan(project: Path) -> TablePlan:
    from benchmarks.airbnb import plan_of

    plan = plan_of(project)
    return plan.tables["model.measured"]


def _timed(table: TablePlan, project: Path, batches: int) -> Iterator[tuple[int, Sample]]:
    """The group of the column `value`, filled anew in each batch, after all that it is made from; with the rows of the batch."""
    import numpy as np
    import pyarrow as pa

    from benchmarks.airbnb import plan_of
    from ssgproj.engine.batch import RowBatch
    from ssgproj.engine.filling import fill_group
    from ssgproj.engine.world import PlanWorld

    cores = pa.cpu_count()
    pa.set_cpu_count(1)
    plan = plan_of(project)
    world = PlanWorld(plan, project)
    layout = world.layout(table.node)
    try:
        for number in range(batches + 1):
            rows = np.arange(*layout.rows(0, number))
            start, siblings = layout.first_row(0), layout.siblings(0, number)
            batch = RowBatch(plan.seed, table.node, 0, number, start, rows, world, siblings=siblings)
            for group in table.groups:
                sample = timed(lambda b=batch, g=group: fill_group(table, b, g))  # type: ignore[misc]
                if "value" in group.columns and number:  # the first batch warms up
                    yield len(rows), sample
    finally:
        pa.set_cpu_count(cores)
