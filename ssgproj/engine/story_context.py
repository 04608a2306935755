"""What a story is given while it is told."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING, Any

from ssgproj.errors import RunError
from ssgproj.plan.seeds import stream, stream_key
from ssgproj.project.suggest import suggestion
from ssgproj.stories import Parents, StatResult

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from mimesis import Generic

    from ssgproj.engine.world import PlanWorld
    from ssgproj.plan.stories import StoryPlan


class _Stats(dict[str, StatResult]):
    """The statistics that a story named, by name."""

    def __missing__(self, name: str) -> StatResult:
        raise KeyError(f"{name} is not among the story's stats: write stats=[{name!r}]")


class TellingContext:
    """Implements `stories.StoryContext`. One for a batch, begun anew for each telling."""

    def __init__(self, story: StoryPlan, pass_: int, world: PlanWorld) -> None:
        self._story, self._world = story, world
        self.random = Random()  # noqa: S311 - synthetic values, not secrets
        self.stats: Mapping[str, StatResult] = _Stats(story.stats)
        self.vars = story.vars
        self.now: datetime = story.now
        self.number = 0
        self.pass_number = pass_
        self.seed = 0
        self._numpy: np.random.Generator | None = None
        self._generic: Generic | None = None
        self._shared: Random | None = None
        self._parents: dict[str, Parents] = {}
        self._entered = ExitStack()

    def __enter__(self) -> TellingContext:
        return self

    def __exit__(self, *_: object) -> None:
        self._entered.close()

    def begin(self, number: int, seed: int) -> None:
        """A telling begins."""
        self.number, self.seed = number, seed
        self.random.seed(seed)
        self._numpy = None
        if self._shared is not None:
            self._shared.seed(seed)

    @property
    def numpy(self) -> np.random.Generator:
        if self._numpy is None:
            self._numpy = stream(self.seed, "numpy")
        return self._numpy

    @property
    def generic(self) -> Generic:
        if self._generic is None:
            from ssgproj.generators.mimesis_provider import frozen_clock, shared_generic

            self._entered.enter_context(frozen_clock(self.now))
            self._generic, self._shared = shared_generic(self._story.locale)
            self._shared.seed(self.seed)
        return self._generic

    def parents(self, table: str) -> Parents:
        found = self._parents.get(table)
        if found is None:
            found = self._parents[table] = self._find(table)
        return found

    def _find(self, table: str) -> Parents:
        known = self._story.asks
        if table not in known:
            hint = suggestion(table, known) if known else None
            raise RunError(
                f"`ctx.parents` does not know `{table}`",
                hint or f'write @story(parents=["{table}"]) if the table is in the project',
            )
        node, columns = known[table]
        if not columns:
            raise RunError(
                f"`{table}` has no key by which its rows could be told apart", "write `primary_key:` in its model"
            )
        world = self._world
        source = world.vocabulary(node, columns) if node in world.plan.vocabularies else world.keys(node, columns)
        start, stop = source.range(self.pass_number)
        import numpy as np

        # In blocks, so that asking for one parent does not make Python objects of all of them.
        blocks: dict[int, list[dict[str, Any]]] = {}

        def at(index: int) -> Mapping[str, Any]:
            number, place = divmod(index, _BLOCK)
            if number not in blocks:
                first = start + number * _BLOCK
                arrays = source.take(np.arange(first, min(first + _BLOCK, stop), dtype=np.int64))
                lists = [a.to_pylist() for a in arrays]
                blocks[number] = [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]
                if len(blocks) > _BLOCKS_KEPT:
                    blocks.pop(next(iter(blocks)))
            return blocks[number][place]

        return Parents(stop - start, at)


_BLOCK = 1024
_BLOCKS_KEPT = 1024


def telling_seed(story: StoryPlan, pass_: int, number: int, world: PlanWorld) -> int:
    """The seed of one telling."""
    before = world.before.get(story.node, 0)
    return stream_key(world.plan.seed, story.node, pass_, before, number)
