"""References that stories give: whether the rows that they mean are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.engine.story_errors import RowProblemError
from ssgproj.generators.parents import row_texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.engine.told import ToldTable
    from ssgproj.engine.world import PlanWorld
    from ssgproj.plan.stories import StoryLink, StoryPlan

MAX_LOOKED_UP = 2_000_000
"""Rows of a parent up to which given references are looked up. Above, it is left to the destination, which checks all of them."""


@dataclass(frozen=True, slots=True)
class MissingParents:
    """Values of a reference to a table of the same story that its own batch does not hold: another may. `texts` has one text a row;
    `errors` are message and hint for the first of them."""

    node: str
    link: StoryLink
    texts: pa.Array
    errors: tuple[tuple[str, str | None], ...]


def check_references(
    story: StoryPlan, tables: Mapping[str, ToldTable], rows: Mapping[str, pa.RecordBatch], pass_: int, world: PlanWorld
) -> list[tuple[str, StoryLink, NDArray[np.int64], pa.Array]]:
    """Look up the references that the story gave, batch by batch of its rows.

    Raises RowProblemError for one to a row that is not there. Returns what another batch of the same story may hold: node, reference, the
    places of the rows in the batch and their values, one text a row.
    """
    open_: list[tuple[str, StoryLink, NDArray[np.int64], pa.Array]] = []
    for node, made in rows.items():
        table = tables[node]
        for link in story.links[node]:
            if not link.checked or not any(c in r._values for r in table.rows for c in link.columns):
                continue
            values = row_texts([made.column(c) for c in link.columns])
            if link.parent in tables:
                offered = _of_batch(rows.get(link.parent), link)
            else:
                offered = _known(world, link, pass_)
                if offered is None:
                    continue
            found = np.asarray(pc.or_kleene(pc.is_null(values), pc.is_in(values, value_set=offered)))
            if found.all():
                continue
            lost = np.flatnonzero(~found)
            if link.parent in tables:
                open_.append((node, link, lost, values.take(pa.array(lost))))
            else:
                raise RowProblemError(table.kept_rows[int(lost[0])], no_such_row(table.plan.model.table, link))
    return open_


def no_such_row(table: object, link: StoryLink) -> str:
    """What is wrong with a reference that leads nowhere."""
    of = link.parent.partition(".")[2]
    return f"gives `{table}` a reference ({', '.join(link.columns)}) to a row of `{of}` that does not exist"


def _of_batch(made: pa.RecordBatch | None, link: StoryLink) -> pa.Array:
    if made is None:
        return pa.array([], pa.string())
    return row_texts([made.column(c) for c in link.parent_columns])


def _known(world: PlanWorld, link: StoryLink, pass_: int) -> pa.Array | None:
    """The keys that a pass may refer to; None where there are too many to look them up."""
    source = world.keys(link.parent, link.parent_columns)
    start, stop = source.range(pass_)
    if stop - start > MAX_LOOKED_UP:
        return None
    name = (link.parent, link.parent_columns, pass_)
    if name not in world.looked_up:
        world.looked_up.clear()  # one table at a time is enough: rows of a story refer to few
        world.looked_up[name] = row_texts(source.take(np.arange(start, stop, dtype=np.int64)))
    return world.looked_up[name]
