"""ssg and its predecessor on the same schema in the same server: defaults, row generators and stories; whole commands with their start-up.

SqlSynthGen's command is `create-data`, into tables that are there already; ssg's is `ssg run`, which creates and constrains them too. The
commands that SqlSynthGen needs before that are measured once and not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks import airbnb
from benchmarks.context import NO_POSTGRES, Context
from benchmarks.measure import BenchmarkError, Sample, in_turns
from benchmarks.postgres import Postgres
from benchmarks.predecessor.install import VERSION, install
from benchmarks.predecessor.project import Predecessor, write_predecessor
from benchmarks.results import Measure, Section, rates

OURS, THEIRS = "ssg run", f"SqlSynthGen {VERSION}"
WANTED_SAME_SIZE, WANTED_GENERATORS, WANTED_STORIES = 100, 1_000, 300
TELLING = 20_000
"""The size at which the predecessor's rows a second are those of the targets."""
MANY_STORIES = 1_000
SLOW = 5_000
"""From here on one repetition takes minutes, and is enough."""


def measure(context: Context) -> Section:
    about = "Users and sessions of the example in PostgreSQL, whole commands with their start-up: `sqlsynthgen create-data` and `ssg run`."
    section = Section("sqlsynthgen", f"Against SqlSynthGen {VERSION}", about, "rate")
    postgres = context.postgres
    if postgres is None:
        section.skipped.append(NO_POSTGRES)
        return section
    try:
        program = install(context.kept)
    except BenchmarkError as error:
        section.skipped.append(str(error))
        return section
    work = _Work(section, context, postgres, program, context.workspace("sqlsynthgen"))
    sizes = context.sizes
    for rows in sizes.predecessor:
        counts = {"users": rows, "sessions": rows}
        if sizes.predecessor_defaults:
            work.same_size(f"defaults, {rows:,} + {rows:,}", counts, defaults=True)
        work.same_size(f"generators, {rows:,} + {rows:,}", counts)
    large = sizes.predecessor_large
    work.large("generators", {"users": large, "sessions": large}, WANTED_GENERATORS)
    if refused := work.stories_refused():
        section.skipped.append(f"stories: `ssg run` does not take them ({refused})")
        return section
    for stories in sizes.predecessor_stories:
        work.same_size(f"stories, {stories:,}", {}, stories=stories)
    work.large("stories", {}, WANTED_STORIES, stories=round(2 * large / airbnb.ROWS_A_STORY))
    return section


class _Work:
    """The cases of this section, with what they have in common."""

    def __init__(self, section: Section, context: Context, postgres: Postgres, program: Path, directory: Path) -> None:
        self.section = section
        self.context = context
        self.postgres = postgres
        self.program = program
        self.directory = directory
        self._count = 0
        self._first: Predecessor | None = None
        self._theirs: dict[str, tuple[int, Measure]] = {}
        # The source is a schema and the countries: SqlSynthGen reads no more of it here.
        self.source = postgres.fresh("source")
        airbnb.run(self._project({"users": 10, "sessions": 10}), self.source)

    def _project(self, rows: Mapping[str, int], *, defaults: bool = False, stories: int = 0) -> Path:
        self._count += 1
        return airbnb.write_project(self.directory / f"ours{self._count}", rows, defaults=defaults, stories=stories)

    def stories_refused(self) -> str | None:
        """Why `ssg run` takes no stories, or None if it does. What it makes is looked at, so that leaving them out is no success."""
        project = self._project({}, stories=2)
        try:
            airbnb.run(project, self.postgres.fresh("ours"))
        except BenchmarkError as error:
            return str(error).splitlines()[-1]
        return None if airbnb.rows_of(project, "users") == 2 else "it makes no rows of them"

    def _prepare(self, theirs: Predecessor) -> None:
        """The tables and the vocabulary are made once, and every repetition gets a copy of that database."""
        if self._first is not None:
            theirs.prepare(None, self._first)
            return
        before = theirs.prepare(self.postgres.fresh("prepared"))
        self._first = theirs
        for name, sample in before.items():
            self.section.add("before the rows", f"sqlsynthgen {name}", None, [sample])

    def same_size(self, case: str, rows: Mapping[str, int], *, defaults: bool = False, stories: int = 0) -> None:
        self.context.say(f"  {case}")
        self._count += 1
        theirs = write_predecessor(
            self.program, self.directory / f"theirs{self._count}", self.source, rows, defaults=defaults, stories=stories
        )
        self._prepare(theirs)
        ours = self._project(rows, defaults=defaults, stories=stories)
        made: list[int] = []

        def create_data() -> Sample:
            url = self.postgres.fresh("theirs", template="prepared")
            sample = theirs.create_data(url)
            made.append(_rows_in(url))
            return sample

        size = max(rows.values(), default=round(stories * airbnb.ROWS_A_STORY / 2))
        repeat = 1 if size >= SLOW else self.context.repeat
        samples = in_turns({THEIRS: create_data, OURS: lambda: airbnb.run(ours, self.postgres.fresh("ours"))}, repeat)
        kind = case.partition(",")[0]
        measure = self.section.add(case, THEIRS, round(sum(made) / len(made)), samples[THEIRS])
        run = self.section.add(case, OURS, airbnb.made_rows(ours), samples[OURS])
        if kind not in self._theirs or size >= self._theirs[kind][0]:
            self._theirs[kind] = (size, measure)
        ratio = self.section.compare(case, "rows a second", OURS, THEIRS, rates(run, measure))
        goal = f"{case}: times the rows a second, with start-up"
        self.section.aim(goal, WANTED_SAME_SIZE, ratio.median, telling=size >= SLOW or stories >= MANY_STORIES)

    def large(self, kind: str, rows: Mapping[str, int], wanted: int, *, stories: int = 0) -> None:
        """ssg at a size that the predecessor cannot reach, against the predecessor's rows a second at the largest that it was given."""
        project = self._project(rows, stories=stories)
        samples = in_turns({OURS: lambda: airbnb.run(project, self.postgres.fresh("ours"))}, self.context.repeat)[OURS]
        made = airbnb.made_rows(project)
        run = self.section.add(f"{kind}, {made:,} rows", OURS, made, samples)
        if kind not in self._theirs:
            return
        size, theirs = self._theirs[kind]
        case = f"{kind}, {made:,} rows, and {theirs.case.partition(', ')[2]}"
        pairs = [(made / s, theirs.per_second or 1.0) for s in run.seconds]
        ratio = self.section.compare(case, "rows a second", OURS, THEIRS, pairs)
        telling = size >= (TELLING if kind == "generators" else MANY_STORIES * airbnb.ROWS_A_STORY / 2)
        self.section.aim(f"{case}: times the rows a second", wanted, ratio.median, telling=telling)


def _rows_in(url: str) -> int:
    import psycopg

    with psycopg.connect(url) as connection:
        counts = connection.execute("SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM sessions)").fetchone()
    assert counts is not None
    return int(counts[0])
