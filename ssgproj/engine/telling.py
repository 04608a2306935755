"""Telling a story: one batch of tellings, as the rows of every table that they insert into."""

from __future__ import annotations

import gc
import random
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from ssgproj.engine.layout import lane
from ssgproj.engine.story_context import TellingContext, telling_seed
from ssgproj.engine.story_errors import RowProblemError, StoryError, TellingTookTooLongError
from ssgproj.engine.story_limits import Limit
from ssgproj.engine.story_references import MissingParents, check_references, no_such_row
from ssgproj.engine.told import ToldTable
from ssgproj.engine.told_world import ToldWorld
from ssgproj.engine.unique import UniqueTracker
from ssgproj.errors import SsgError
from ssgproj.generators.python_source import load_function, on_path
from ssgproj.project.suggest import suggestion
from ssgproj.stories import Row

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.engine.world import PlanWorld
    from ssgproj.plan.stories import StoryLink, StoryPlan

TEXT_OF_ERRORS = 300
"""Characters of a story's own error that are shown."""
PLACES = 100
"""Rows of a batch whose places are kept while references are open; of more, those of the first are told."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a batch of a story made: the rows by node, and values that refer to rows which another batch may hold."""

    rows: Mapping[str, pa.RecordBatch]
    missing: tuple[MissingParents, ...]


def tell_batch(
    story: StoryPlan,
    pass_: int,
    number: int,
    world: PlanWorld,
    trackers: dict[str, UniqueTracker],
    only: int | None = None,
) -> Told:
    """Tell batch `number` of a pass. With `only`, the telling of that number alone is kept; those before it in the batch are told too, since
    rows are drawn for all of them together.

    Raises StoryError with the place in the story's file.
    """
    teller = _Teller(story, pass_, number, world, trackers, only)
    with on_path(world.plan.root), redirect_stdout(sys.stderr), teller.context, _without_collector():
        try:
            return teller.tell()
        finally:
            for table in teller.by_node.values():
                table.rows.clear()  # rows and their table hold each other


@contextmanager
def _without_collector() -> Iterator[None]:
    """Tens of thousands of rows live at once, and going through them over and over finds nothing to free."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Teller:
    def __init__(
        self,
        story: StoryPlan,
        pass_: int,
        number: int,
        world: PlanWorld,
        trackers: dict[str, UniqueTracker],
        only: int | None,
    ) -> None:
        self.story, self.world, self.only = story, world, only
        self.pass_ = pass_
        first = number * story.batch
        self.numbers = range(first, min(first + story.batch, story.count if only is None else only + 1))
        self.context = TellingContext(story, pass_, world)
        before = world.before.get(story.node, 0)
        plan = world.plan
        by_node = {}
        for node in story.nodes:
            tracker = trackers.setdefault(node, UniqueTracker()) if plan.tables[node].serial else UniqueTracker()
            lane_ = lane(world, story.node, node, pass_, number)
            name = f"{number}" if not before else f"{number} after {before}"
            by_node[node] = ToldTable(plan.tables[node], story, pass_, name, lane_, world, tracker)
        self.by_node = by_node
        self.around = ToldWorld(world, by_node)
        self.tables = {name: by_node[node] for name, node in story.tables.items()}
        for node, table in by_node.items():
            table.around = self.around
            table.links = [(link, by_node.get(link.parent)) for link in story.links[node] if link.told]

    def tell(self) -> Told:
        function = self._function()
        # What the story may draw from beside its context is seeded too, for the batch: SY503 says why not to.
        shared = telling_seed(self.story, self.pass_, self.numbers.start, self.world)
        random.seed(shared)
        np.random.seed(shared % 2**32)
        limit = Limit(self.story.timeout)
        with limit.watching():
            for number in self.numbers:
                self._begin(number)
                limit.begin()
                try:
                    self._one(function(self.context, **self.story.args))
                except RowProblemError as problem:
                    limit.end()
                    raise self._row_problem(problem) from None
                except TellingTookTooLongError as error:
                    raise self._endless(error) from None
                except StoryError:
                    raise
                except (Exception, SystemExit) as error:
                    limit.end()
                    raise self._failure(error) from None
                limit.end()
        if self.only is not None:
            for table in self.by_node.values():
                table.keep_last_telling()
        self.around.is_told = True
        try:
            rows = {node: table.finish() for node, table in self.by_node.items() if table.rows}
            missing = check_references(self.story, self.by_node, rows, self.pass_, self.world)
        except RowProblemError as problem:
            raise self._row_problem(problem) from None
        return Told(rows, tuple(self._missing(*m) for m in missing))

    def _missing(self, node: str, link: StoryLink, lost: NDArray[np.int64], values: pa.Array) -> MissingParents:
        """References that are looked up once all batches are there, with what is to be said if they lead nowhere."""
        table = self.by_node[node]
        problem = no_such_row(table.plan.model.table, link)
        said = [self._row_problem(RowProblemError(table.kept_rows[int(i)], problem)) for i in lost[:PLACES]]
        return MissingParents(node, link, values, tuple((e.message, e.hint) for e in said))

    def _function(self) -> Any:
        dotted = ".".join(Path(self.story.path).with_suffix("").parts)
        try:
            return load_function(self.world.plan.root, f"{dotted}.{self.story.name}")
        except SsgError as error:
            raise StoryError(f"Story `{self.story.name}`: {error.message}", error.hint) from None

    def _begin(self, number: int) -> None:
        seed = telling_seed(self.story, self.pass_, number, self.world)
        self.context.begin(number, seed)
        for table in self.by_node.values():
            table.begin()

    def _one(self, telling: Any) -> None:
        """Go through one telling: every row it yields is completed and handed back."""
        if not hasattr(telling, "send"):
            if telling is None or not hasattr(telling, "__iter__"):
                raise self._told_nothing(telling)
            telling = _as_generator(telling)
        tables, send = self.tables, telling.send
        left = self.story.max_rows
        frame: FrameType | None = getattr(telling, "gi_frame", None)
        item: Any = None
        try:
            while True:
                item = send(item)
                line: int | tuple[str, int] = frame.f_lineno if frame is not None else 0
                if telling.gi_yieldfrom is not None:
                    line = _innermost(telling)
                if type(item) is not Row:
                    item = self._as_row(item, line)
                item._line = line
                table = tables.get(item.table)
                if table is None:
                    raise RowProblemError(item, *self._unknown_table(item.table))
                if not table.columns.issuperset(item._values):
                    name = next(n for n in item._values if n not in table.columns)
                    raise table.refuse(item, name)
                if item._drawn is not None:
                    raise RowProblemError(item, "yields a row for the second time", "make a new Row for each row")
                for link, parent in table.links:
                    if link.columns[0] not in item._values or (
                        link.columns[1:] and not item._values.keys() >= set(link.columns)
                    ):
                        self._refer(item, link, parent)
                item._drawn, item._index = table, len(table.rows)
                table.rows.append(item)
                table.latest = item
                left -= 1
                if left < 0:
                    most = self.story.max_rows
                    raise RowProblemError(
                        item, f"yields more than {most:,} rows in one telling", f"write @story(max_rows={10 * most}) if it must"
                    )  # fmt: skip
        except StopIteration:
            return

    def _refer(self, row: Row, link: Any, parent: ToldTable | None) -> None:
        """A row that says nothing of a parent told by the same story refers to the one that was told last."""
        latest = parent.latest if parent is not None else None
        if latest is not None:
            for column, of in zip(link.columns, link.parent_columns, strict=True):
                if column not in row._values:
                    row._values[column] = latest[of]
        elif link.nullable:
            for column in link.columns:
                row._values.setdefault(column, None)
        else:
            table = link.parent.partition(".")[2]
            raise RowProblemError(
                row, f"yields a row of `{row.table}` without `{', '.join(link.columns)}`, and no row of `{table}` before it",
                f"yield the row of `{table}` first, or give `{link.columns[0]}`",
            )  # fmt: skip

    def _as_row(self, item: Any, line: int | tuple[str, int]) -> Row:
        if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], Mapping):
            return Row(item[0], item[1])
        if isinstance(item, Row):
            return item
        row = Row("")
        row._line = line
        what = type(item).__name__
        raise RowProblemError(row, f"yields a {what}, which is no row", 'for example: yield Row("users", age=30)')

    def _unknown_table(self, name: str) -> tuple[str, str]:
        tables = self.story.tables
        if any(name in (t, t.rpartition(".")[2]) for t in (n.partition(".")[2] for n in self.world.plan.order)):
            return f"yields a row of `{name}`, which is not among its `inserts`", f'add "{name}" to `inserts`'
        return f"yields a row of `{name}`, for which there is no model", suggestion(name, tables)

    # What goes wrong

    @property
    def _telling(self) -> str:
        return f"telling {self.context.number} of {self.story.count:,}, seed {self.context.seed}"

    def _again(self) -> str:
        passes = f" --passes {self.pass_ + 1}" if self.pass_ else ""
        return f"ssg run --select {self.story.node} --only {self.context.number}{passes}"

    def _error(self, what: str, place: str, hint: str | None = None) -> StoryError:
        text = f"Story `{self.story.name}` {what}, at {place} ({self._telling})"
        return StoryError(
            text, f"{hint}; to see it alone: {self._again()}" if hint else f"to see it alone: {self._again()}"
        )

    def _place(self, line: int | tuple[str, int]) -> str:
        if isinstance(line, tuple):
            return f"{_shown(line[0], self.world.plan.root)}:{line[1]}"
        return f"{self.story.path}:{line or self.story.line}"

    def _row_problem(self, problem: RowProblemError) -> StoryError:
        """Where the row was yielded; or where the story stands, if what it does to a row is wrong."""
        own = self._own_frames(problem)
        if own:
            return self._error(problem.problem, own[-1], problem.hint)
        self._find_telling(problem.row)
        return self._error(problem.problem, self._place(problem.row._line), problem.hint)

    def _own_frames(self, error: BaseException) -> list[str]:
        """The places in the project that an error came through."""
        root = self.world.plan.root
        frames = traceback.extract_tb(error.__traceback__)
        return [f"{_shown(f.filename, root)}:{f.lineno}" for f in frames if Path(f.filename).is_relative_to(root)]

    def _find_telling(self, row: Row) -> None:
        """The context as it was when a row was yielded: problems may be found once all rows are there."""
        table = self.tables.get(row.table)
        if table is None or row._drawn is None:
            return
        for offset, number in enumerate(self.numbers):
            if offset + 1 >= len(table.begins) or row._index < table.begins[offset + 1]:
                self.context.number = number
                self.context.seed = telling_seed(self.story, self.pass_, number, self.world)
                return

    def _failure(self, error: BaseException) -> StoryError:
        place = (self._own_frames(error) or [self._first_line])[-1]
        if isinstance(error, SsgError):
            return self._error(f"failed: {error.message}", place, error.hint)
        said = " ".join(str(error).split())[:TEXT_OF_ERRORS]
        return self._error(f"failed with {type(error).__name__}{f': {said}' if said else ''}", place)

    def _endless(self, error: BaseException) -> StoryError:
        place = (self._own_frames(error) or [self._first_line])[-1]
        seconds = self.story.timeout
        return self._error(
            f"takes longer than {seconds:g} seconds", place, f"write @story(timeout={2 * seconds:g}) if it must"
        )

    @property
    def _first_line(self) -> str:
        return f"{self.story.path}:{self.story.line}"

    def _told_nothing(self, telling: Any) -> StoryError:
        what = "nothing" if telling is None else f"a {type(telling).__name__}"
        return self._error(f"returns {what} and yields no rows", self._first_line, 'for example: yield Row("users")')


def _as_generator(rows: Any) -> Iterator[Any]:
    """Rows of a story that returns a list or another iterable instead of yielding."""
    yield from rows


def _innermost(telling: Any) -> tuple[str, int]:
    """The file and line where a generator stands that was delegated to."""
    current = telling
    while (inner := getattr(current, "gi_yieldfrom", None)) is not None and getattr(
        inner, "gi_frame", None
    ) is not None:
        current = inner
    frame = current.gi_frame
    return frame.f_code.co_filename, frame.f_lineno


def _shown(filename: str, root: Path) -> str:
    path = Path(filename)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
