"""From every synthetic column back to what it can be made from: columns of statistics, copied columns, other columns, project code.

Edges are taken from what is sure to be there: references between tables, references in options (`stat.`, `column.`), the columns that a
planned generator reads, conditions that tie columns of a row together, and the statistics that the graph says a table needs. What cannot
be assigned to a column is assigned to all columns of its table; what Python is given, it is taken to pass on.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ssgproj.graph.uses import references, used_stats
from ssgproj.project.names import split_name, table_text
from ssgproj.vocabularies.files import vocabulary_columns

if TYPE_CHECKING:
    from ssgproj.graph.graph import Graph
    from ssgproj.plan.plan import Plan, TablePlan
    from ssgproj.project.model import Generate, Model, TableName
    from ssgproj.project.story import Story

Column = tuple[str, str]
"""A synthetic column: the table as text, and the column."""
_PYTHON = "python"
_REFERENCES = "references"
_PER_PARENT = "per_parent"
_DOTTED = re.compile(r"""(?:"((?:[^"]|"")+)"|([^\W\d]\w*))\.(?:"((?:[^"]|"")+)"|([^\W\d]\w*))""")


@dataclass(slots=True)
class Inputs:
    """What one thing is made from, directly. Values of the mappings are the words for how.

    `statistics` are (name, released column; None: all of them). `copied`: it is itself a verbatim copy. `code` are names of `Flow.code`.
    """

    statistics: dict[tuple[str, str | None], str] = field(default_factory=dict)
    columns: dict[Column, str] = field(default_factory=dict)
    code: dict[str, None] = field(default_factory=dict)
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """Something a column draws on, by the way of other columns (`through`, nearest first): a statistic's column, or a copied column."""

    statistic: tuple[str, str | None] | None
    copied: Column | None
    through: tuple[Column, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The inputs of every synthetic column, and of every story and Python function."""

    columns: Mapping[Column, Inputs]
    code: Mapping[str, Inputs]

    def reached(self, inputs: Inputs, start: Column | None = None) -> tuple[list[Reached], list[str]]:
        """All that inputs draw on, over the shortest way each, and the code on any way. Code is named, and not looked through."""
        found: dict[tuple[object, object], Reached] = {}
        code: dict[str, None] = dict(inputs.code)
        waiting: deque[tuple[Inputs, tuple[Column, ...], Column | None]] = deque([(inputs, (), start)])
        seen = {start}
        while waiting:
            current, through, own = waiting.popleft()
            code.update(current.code)
            if current.copied and own is not None:
                found.setdefault(("copied", own), Reached(None, own, through, "copied from the source"))
            for statistic, how in current.statistics.items():
                found.setdefault(("stat", statistic), Reached(statistic, None, through, how))
            for column in current.columns:
                if column not in seen and column in self.columns:
                    seen.add(column)
                    waiting.append((self.columns[column], (*through, column), column))
        return list(found.values()), list(code)


def follow(graph: Graph, plan: Plan) -> Flow:
    """The flow of a project that has no errors."""
    columns: dict[Column, Inputs] = {}
    code: dict[str, Inputs] = {}
    for model in graph.models.values():
        for column in model.columns:
            columns[table_text(model.table), column.name] = Inputs()
    needed = sorted(
        {n.removeprefix("stat.") for node in graph.nodes.values() for n in node.depends_on if n.startswith("stat.")}
    )
    for model in graph.models.values():
        table = _Table(graph, model, columns, plan.tables.get(model.node_id))
        table.fill()
        for generate in model.generators:
            if generate.kind == _PYTHON:
                table.add_python(generate, code, needed)
    for story in graph.project.stories:
        _add_story(graph, plan, story, columns, code)
    return Flow(columns, code)


def code_name(generate: Generate) -> str:
    """The name of the function that a `python` generator calls."""
    return str(generate.options.get("", generate.options.get("function", "")))


@dataclass(frozen=True, slots=True)
class _Table:
    """Adds the edges of one table."""

    graph: Graph
    model: Model
    columns: dict[Column, Inputs]
    plan: TablePlan | None

    @property
    def name(self) -> str:
        return table_text(self.model.table)

    def inputs(self, names: Iterable[str]) -> Iterator[Inputs]:
        for name in names:
            if (found := self.columns.get((self.name, name))) is not None:
                yield found

    def needs(self, names: Iterable[str], needed: Iterable[str], how: str) -> None:
        """Columns of this table are made from others of it."""
        for name in names:
            for inputs in self.inputs([name]):
                for other in needed:
                    if other != name:
                        inputs.columns.setdefault((self.name, other), how)

    def fill(self) -> None:
        if self.model.vocabulary is not None:
            for inputs in self.inputs(c.name for c in vocabulary_columns(self.model)):
                inputs.copied = True
        for generate in self.model.generators:
            self.add_generate(generate)
        for key in self.graph.foreign_keys(self.model):
            for own, other in zip(key.columns, key.to_columns, strict=False):
                for inputs in self.inputs([own]):
                    inputs.columns.setdefault((table_text(key.to_table), other), "refers to")
        for column in self.model.columns:
            if column.generated is not None:
                names = [c.name for c in self.model.columns if c.name.casefold() in column.generated.casefold()]
                self.needs([column.name], names, "computed from")
        if self.plan is not None:
            self.add_plan(self.plan)
        self.add_rest()

    def add_generate(self, generate: Generate) -> None:
        for option, value in generate.options.items():
            how = f"{generate.kind} {option}".strip()
            for kind, name, column in references(value):
                if kind == "stat":
                    for inputs in self.inputs(generate.columns):
                        inputs.statistics.setdefault((name, column), how)
                elif kind == "column":
                    self.needs(generate.columns, [name if column is None else f"{name}.{column}"], how)
        for name, column in _dotted(generate.options):
            for table in self.parents(name):
                for inputs in self.inputs(generate.columns):
                    inputs.columns.setdefault((table, column), f"{generate.kind} reads")
        if self.plan is None:
            # Columns that a vocabulary does not copy are planned nowhere: what an option may name, it names.
            said = repr(generate.options).casefold()
            self.needs(generate.columns, [c.name for c in self.model.columns if c.name.casefold() in said], "may read")
        if generate.kind == _PER_PARENT:
            self.add_rows(generate)
        if generate.kind == _REFERENCES:
            to = generate.options.get("to", generate.options.get(""))
            for name in to if isinstance(to, list | tuple) else [to]:
                parts = split_name(str(name)) or ()
                for inputs in self.inputs(generate.columns) if len(parts) > 1 else ():
                    inputs.columns.setdefault((str(name).rpartition(".")[0], parts[-1]), "refers to")

    def parents(self, name: str) -> Iterator[str]:
        """The tables that `name.column` can mean in an option: one that the column `name` refers to, or the table of that name."""
        folded = name.casefold()
        for key in self.graph.foreign_keys(self.model):
            table = table_text(key.to_table)
            if folded in (table.casefold(), key.to_table.name.casefold(), *(c.casefold() for c in key.columns)):
                yield table

    def add_rows(self, generate: Generate) -> None:
        """The generator decides how many rows there are, so all columns hang on what it draws on."""
        names = [c.name for c in self.model.columns]
        self.needs(names, generate.columns, "rows")
        for kind, name, column in references(generate.options):
            for inputs in self.inputs(names) if kind == "stat" else ():
                inputs.statistics.setdefault((name, column), "rows")

    def add_plan(self, plan: TablePlan) -> None:
        for group in plan.groups:
            self.needs(group.columns, group.needs, "made after")
        for check in plan.checks:
            self.needs(check.columns, check.columns, "tested together")
        for unique in plan.unique_sets:
            self.needs(unique.columns, unique.columns, "tested together")

    def add_rest(self) -> None:
        """Statistics that the graph says the table needs, and no column does: they may decide how many rows there are."""
        node = self.graph.nodes.get(self.model.node_id)
        told = {name for inputs in self.inputs(c.name for c in self.model.columns) for name, _ in inputs.statistics}
        depends = {n.removeprefix("stat.") for n in (node.depends_on if node else ()) if n.startswith("stat.")}
        for name in sorted((depends | used_stats(self.model)) - told):
            for inputs in self.inputs(c.name for c in self.model.columns):
                inputs.statistics.setdefault((name, None), "rows")

    def add_python(self, generate: Generate, code: dict[str, Inputs], needed: Iterable[str]) -> None:
        """A function gets the results that are loaded, all of them, and the columns that it names."""
        name = code_name(generate)
        given = code.setdefault(name, Inputs())
        given.statistics.update(dict.fromkeys(((n, None) for n in needed), "given to Python"))
        for inputs in self.inputs(generate.columns):
            given.columns.update(dict.fromkeys(inputs.columns, "given to Python"))
            inputs.code[name] = None


def _dotted(value: Any) -> Iterator[tuple[str, str]]:
    """Every `name.column` in the texts of options, expressions too."""
    if isinstance(value, str):
        for match in _DOTTED.finditer(value):
            yield match[1] or match[2], match[3] or match[4]
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _dotted(key)
            yield from _dotted(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _dotted(item)


def _add_story(
    graph: Graph, plan: Plan, story: Story, columns: Mapping[Column, Inputs], code: dict[str, Inputs]
) -> None:
    """A story sees its statistics, the rows that it inserts and the columns that it may ask for, and may write any column of a table it
    inserts into. The engine lets it see nothing else."""
    given = code.setdefault(story.node_id, Inputs())
    for needed in graph.nodes[story.node_id].depends_on:
        if needed.startswith("stat."):
            given.statistics[needed.removeprefix("stat."), None] = "given to the story"
    for table, (_, names) in plan.stories[story.node_id].asks.items():
        given.columns.update(dict.fromkeys(((table, n) for n in names), "rows that the story asks for"))
    for inserted in story.inserts:
        for column in _columns_of(graph, inserted):
            given.columns[column] = "rows that the story makes"
            columns[column].code[story.node_id] = None


def _columns_of(graph: Graph, table: TableName) -> list[Column]:
    model = graph.models.get(table)
    return [(table_text(table), c.name) for c in model.columns] if model is not None else []
