"""What a run looks like while it goes on: a line for every finished table, and on a terminal a bar for the one being filled."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ssgproj.cli import console

if TYPE_CHECKING:
    from rich.console import Console

    from ssgproj.engine.run import NodeResult, Progress
    from ssgproj.plan.plan import Plan


@contextmanager
def shown(plan: Plan) -> Iterator[Progress]:
    """The callbacks of a run, showing what they hear on standard error."""
    from ssgproj.engine.run import Progress

    count = len(plan.selected)
    width = max((len(_name(n)) for n in plan.selected), default=0)
    finished = 0

    def line(result: NodeResult) -> str:
        rate = f"{result.rows / result.seconds:,.0f} rows/s" if result.seconds else ""
        number = f"{finished} of {count}".rjust(2 * len(str(count)) + 4)
        return f"{number}  {_name(result.node).ljust(width)}  {result.rows:>12,} rows  {result.seconds:>7.1f} s  {rate:>18}"

    if console.is_quiet() or not sys.stderr.isatty():

        def done(result: NodeResult) -> None:
            nonlocal finished
            finished += 1
            console.say(line(result))
            for note in result.notes:
                console.note(f"{_name(result.node)}: {note}")

        yield Progress(finished=done)
        return

    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, transient=True, console=_stderr()) as bars:
        task = bars.add_task("", total=None)

        def started(node: str, rows: int) -> None:
            bars.reset(task, description=_name(node), total=rows or None)

        def finish(result: NodeResult) -> None:
            nonlocal finished
            finished += 1
            bars.console.print(line(result), highlight=False)
            for note in result.notes:
                bars.console.print(Text.assemble(("note: ", "bold blue"), f"{_name(result.node)}: {note}"))

        yield Progress(
            started=started,
            loaded=lambda _, rows: bars.advance(task, rows),
            finished=finish,
            constraining=lambda: bars.reset(task, description="keys, references, checks", total=None),
        )


def _stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True)


def _name(node: str) -> str:
    return node.partition(".")[2]
