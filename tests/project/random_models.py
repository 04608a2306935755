"""Random models, and a reader for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from ssgproj.diagnostics import Diagnostic
from ssgproj.generators.base import Reference
from ssgproj.project.model import (
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Function,
    Generate,
    Identity,
    Index,
    IndexPart,
    Model,
    NamedType,
    Partition,
    PrimaryKey,
    SchemaObjects,
    Sequence,
    TableName,
    UniqueKey,
    Vocabulary,
)
from ssgproj.project.models import ModelReader
from ssgproj.project.types import parse_type
from ssgproj.project.yaml_file import parse_yaml


@dataclass(frozen=True)
class Normal:
    """A bell curve."""

    mean: float | Reference = 0
    std_dev: float | Reference = 1


@dataclass(frozen=True)
class Choice:
    """One of several."""

    values: Any = ()
    weights: Any = None


@dataclass(frozen=True)
class Uuid:
    """A random UUID."""


GENERATORS: dict[str, type] = {"normal": Normal, "choice": Choice, "uuid": Uuid}

ODD = [
    "no", "on", "NO", "yes", "1e3", "null", "~", "true", "12", "012", "1_000", "12:30", "2024-01-01", "a: b", "a #b", "#a", "- a", "a,b", "{a}", "[a]",
    "it's", 'say "x"', "back\\slash", "two\nlines", "two\nlines\n", " lead", "trail ", "tab\there", "é", "中文", "👍", "\u2028", "\ufeff", "\x85", "%", "@a",
    "`a`", "&a", "*a", "!a", "|", ">", "?", "? a", ":", "a:", "<<", "=", "-", "--- a", "...", ".", "a.b", '"', "a\"b.c", "\u200b", "a\r\nb", "\x7f", "0x1f", ".inf", "nan",
]  # fmt: skip
texts = st.one_of(
    st.sampled_from(ODD),
    st.sampled_from(["id", "name", "user_id", "a", "b", "c"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12),
)
names = texts
table_names = st.builds(TableName, names, st.none() | names)
maybe = lambda strategy: st.none() | strategy  # noqa: E731
deferrable = st.sampled_from([None, None, "deferrable", "initially deferred"])
types = st.sampled_from(
    ["integer", "varchar(80)", "numeric(10, 2)", "text[]", "timestamptz", "mood", '"Odd Type"', "enum('a','b, c')"]
).map(parse_type)
options = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["start", "increment", "minvalue", "maxvalue"]), st.integers(-(10**12), 10**18)),
        st.tuples(st.just("cycle"), st.booleans()),
        st.tuples(st.just("cache"), st.integers(1, 100)),
        st.tuples(st.just("sequence"), texts),
    ),
    max_size=3,
    unique_by=lambda pair: pair[0],
).map(tuple)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(texts, st.just(""), st.integers(-(10**20), 10**20), st.booleans(), st.none(), st.floats(allow_nan=False)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
checks = st.builds(Check, texts, maybe(texts), st.booleans(), st.booleans())


@st.composite
def indexes(draw: st.DrawFn, columns: list[str]) -> Index:
    part = st.one_of(
        st.builds(IndexPart, column=st.sampled_from(columns), suffix=maybe(texts)),
        st.builds(IndexPart, expression=texts, suffix=maybe(texts)),
    )
    parts = draw(st.lists(part, min_size=1, max_size=3))
    include = draw(st.lists(st.sampled_from(columns), max_size=2, unique=True))
    return Index(
        tuple(parts), draw(maybe(texts)), draw(st.booleans()), draw(maybe(texts)), draw(maybe(texts)), tuple(include), draw(st.booleans()),
        draw(maybe(texts)),
    )  # fmt: skip


@st.composite
def models(draw: st.DrawFn) -> Model:
    column_names = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    subset = st.lists(st.sampled_from(column_names), min_size=1, max_size=3, unique=True).map(tuple)
    some = st.lists(st.sampled_from(column_names), max_size=2, unique=True).map(tuple)
    columns = []
    for name in column_names:
        generated = draw(maybe(texts))
        serial = draw(st.booleans())
        identity = draw(
            maybe(st.builds(Identity, st.just(False) if serial else st.booleans(), st.just(serial), options))
        )
        columns.append(
            Column(
                name=name,
                type=draw(types),
                nullable=draw(st.booleans()),
                default=draw(maybe(texts)),
                identity=identity,
                generated=generated,
                stored=draw(st.booleans()) if generated is not None else True,
                collation=draw(maybe(texts)),
                description=draw(maybe(texts)),
                null_rate=draw(maybe(st.floats(0, 1))),
                tags=tuple(draw(st.lists(texts, max_size=2))),
            )
        )

    @st.composite
    def keys(draw: st.DrawFn) -> ForeignKey:
        here = draw(subset)
        there = draw(st.lists(names, min_size=len(here), max_size=len(here)))
        action = st.sampled_from([None, "cascade", "set null", "set null (A)", "restrict"])
        return ForeignKey(
            here, draw(table_names), tuple(there), draw(maybe(texts)), draw(action), draw(action), draw(st.booleans()), draw(deferrable),
            draw(st.booleans()),
        )  # fmt: skip

    filled = draw(st.lists(st.sampled_from(column_names), max_size=3, unique=True))
    generators = []
    while filled:
        take = draw(st.integers(1, len(filled)))
        kind = draw(st.sampled_from(["uuid", "choice", "normal"]))
        chosen: dict[str, Any] = {}
        if kind == "choice":
            chosen = draw(st.fixed_dictionaries({"": st.lists(values, max_size=3)}, optional={"weights": values}))
        elif kind == "normal":
            chosen = draw(st.dictionaries(st.sampled_from(["mean", "std_dev"]), values, max_size=2))
        generators.append(Generate(kind, chosen, tuple(filled[:take])))
        filled = filled[take:]
    partitions = st.builds(
        Partition, table_names, texts, maybe(texts), st.just(()), st.lists(indexes(column_names), max_size=1).map(tuple),
        st.lists(checks, max_size=1).map(tuple),
    )  # fmt: skip
    return Model(
        table=draw(table_names),
        path="models/x.yml",
        columns=tuple(columns),
        rows=draw(st.sampled_from([None, 0, 5, "var.n"])),
        description=draw(maybe(texts)),
        tags=tuple(draw(st.lists(texts, max_size=2))),
        ignore=draw(st.booleans()),
        vocabulary=draw(maybe(st.builds(Vocabulary, texts, some, maybe(texts)))),
        primary_key=draw(maybe(st.builds(PrimaryKey, subset, maybe(texts), deferrable, some))),
        unique=tuple(
            draw(st.lists(st.builds(UniqueKey, subset, maybe(texts), st.booleans(), deferrable, some), max_size=3))
        ),
        foreign_keys=tuple(draw(st.lists(keys(), max_size=3))),
        checks=tuple(draw(st.lists(checks, max_size=2))),
        indexes=tuple(draw(st.lists(indexes(column_names), max_size=2))),
        exclusions=tuple(draw(st.lists(st.builds(Exclusion, texts, maybe(texts), some, some), max_size=1))),
        partition_by=draw(maybe(texts)),
        partitions=tuple(draw(st.lists(partitions, max_size=2))),
        options=draw(maybe(texts)),
        vendor=tuple(draw(st.lists(texts, max_size=2))),
        generators=tuple(generators),
    )


named_types = st.one_of(
    st.builds(NamedType, table_names, st.just("enum"), labels=st.lists(texts | st.just(""), min_size=1, max_size=3, unique=True).map(tuple), description=maybe(texts)),
    st.builds(
        NamedType, table_names, st.just("domain"), base=st.just("varchar(5)"), not_null=st.booleans(), default=maybe(texts), collation=maybe(texts),
        checks=st.lists(checks, max_size=2).map(tuple),
    ),
    st.builds(NamedType, table_names, st.just("composite"), fields=st.dictionaries(texts, st.just("int"), min_size=1, max_size=3).map(lambda d: tuple(d.items()))),
    st.builds(NamedType, table_names, st.sampled_from(["range", "other"]), sql=texts),
)  # fmt: skip
sequences = st.builds(
    Sequence, table_names, options.map(lambda pairs: tuple(p for p in pairs if p[0] != "sequence")), maybe(texts)
)
objects = st.builds(
    SchemaObjects,
    schemas=st.dictionaries(texts, maybe(texts), max_size=2).map(lambda d: tuple(d.items())),
    extensions=st.lists(texts, max_size=2).map(tuple),
    types=st.lists(named_types, max_size=3, unique_by=lambda t: t.name).map(tuple),
    sequences=st.lists(sequences, max_size=2, unique_by=lambda s: s.name).map(tuple),
    functions=st.lists(st.builds(Function, table_names, texts), max_size=2).map(tuple),
)


def read(text: str, dialect: str = "", named: Any = None) -> tuple[Model | None, list[Diagnostic]]:
    """The model of a text, and the problems in it."""
    file, problems = parse_yaml(text, "models/x.yml")
    model = ModelReader(named or {}, dialect, GENERATORS, {"n": 3}).read(file, problems)
    return model, problems
