"""One thing of the graph, and the hash of what it means."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssgproj.project.model import ForeignKey, Model
    from ssgproj.project.stat import Stat
    from ssgproj.project.story import Story

KINDS = ("model", "vocabulary", "stat", "story")


@dataclass(frozen=True, slots=True)
class Node:
    """A model, vocabulary, stat or story.

    `depends_on` are the ids of everything it needs, sorted; among models that refer to each other in a circle it goes round, so sort by
    `Graph.order` instead. `sha256` changes when, and only when, what the file means changes: not with comments, layout, tags or its path.
    """

    id: str
    kind: str
    name: str
    path: str
    line: int
    depends_on: tuple[str, ...] = ()
    sha256: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A reference that is not yet there when the child's rows are first made: its values are set once the parent is filled.

    `child` is the id of the model that holds `foreign_key`. `nullable`: NULL can stand in for the values until then; if not, the
    parent's keys must be known ahead.
    """

    child: str
    parent: str
    foreign_key: ForeignKey
    nullable: bool = True


def meaning_of_model(model: Model) -> str:
    """The sha256 of everything in a model but its path and its tags."""
    return _hash(_meaning(model))


def meaning_of_stat(stat: Stat) -> str:
    """The stat's own hash of its meaning."""
    return stat.meaning


def meaning_of_story(story: Story, args: Mapping[str, Any]) -> str:
    """The sha256 of a story's file, of what its decorator says and of the arguments that the project gives it."""
    return _hash(("story", story.name, story.sha256, _meaning(args)) if args else ("story", story.name, story.sha256))


def _hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()


_LEFT_OUT = {"path", "tags", "at", "option_places"}
_readers: dict[type, Callable[[Any], tuple[Any, ...]]] = {}
_types: dict[Any, Any] = {}


def _meaning(value: Any) -> Any:
    """Nested tuples of plain values, the same for equal meanings: mappings are sorted, places left out."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple | list):
        return tuple(_meaning(item) for item in value)
    if isinstance(value, Mapping):
        return tuple(sorted(((repr(k), _meaning(v)) for k, v in value.items()), key=lambda pair: pair[0]))
    if is_dataclass(value):
        kind = type(value)
        if kind.__name__ == "SqlType":
            # Few types, many columns: each is turned into a tuple once.
            found = _types.get(value)
            if found is None:
                if len(_types) > 10_000:
                    _types.clear()
                found = _types[value] = (kind.__name__, *(_meaning(part) for part in _reader(kind)(value)))
            return found
        return (kind.__name__, *[_meaning(part) for part in _reader(kind)(value)])
    return repr(value)


def _reader(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    reader = _readers.get(kind)
    if reader is None:
        names = [f.name for f in fields(kind) if f.name not in _LEFT_OUT]
        reader = _readers[kind] = attrgetter(*names)
    return reader
