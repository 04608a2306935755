"""Making a generator from YAML, as tests of generators need it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from ssgproj.generators import GENERATORS
from ssgproj.generators.arrow import arrow_type
from ssgproj.generators.base import BindContext, Problem, Restriction, Target
from ssgproj.generators.build import build_spec, resolve
from ssgproj.generators.lookup import Columns, Link
from ssgproj.generators.options import option_name
from ssgproj.project.model import Generate
from ssgproj.project.types import parse_type
from ssgproj.testing import make_batch


def generate_of(text: str, columns: tuple[str, ...] = ("c",)) -> Generate:
    """What the model reader makes of a `generate:`."""
    from dataclasses import fields

    written = YAML(typ="safe").load(text)
    if isinstance(written, str):
        return Generate(written, {}, columns)
    kind = next(k for k in written if k in GENERATORS)
    spec = GENERATORS[kind]
    names = {option_name(f) for f in fields(spec)}
    main, others = written[kind], {k: v for k, v in written.items() if k != kind}
    if isinstance(main, dict) and not others and (set(main) & names or getattr(spec, "open_options", False)):
        return Generate(kind, main, columns)
    return Generate(kind, {**({} if main is None else {"": main}), **others}, columns)


NO_RESTRICTION = Restriction()


class Make:
    """`make(yaml, type)` gives the column; `make.problems(...)` what is wrong instead."""

    def context(
        self,
        types: str | list[str],
        nullable: bool,
        restriction: Restriction,
        stats: Mapping[str, Any],
        root: Path,
        links: Sequence[Link] = (),
        per_parent: tuple[str, ...] = (),
        own: Mapping[str, Any] | None = None,
    ) -> BindContext:
        names = [types] if isinstance(types, str) else types
        targets = tuple(
            Target("c" if isinstance(types, str) else n.split(" ", 1)[0], parse_type(n if isinstance(types, str) else n.split(" ", 1)[1]), nullable, restriction)
            for n in names
        )  # fmt: skip
        return BindContext(
            "t",
            targets,
            rows=100,
            stats=stats,
            root=root,
            now=datetime(2025, 1, 1),
            columns=Columns("t", own or {}, links),
            per_parent=per_parent,
        )

    def problems(
        self,
        text: str,
        types: str | list[str] = "text",
        *,
        stats: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        nullable: bool = False,
        restriction: Restriction = NO_RESTRICTION,
        root: Path = Path(),
        **around: Any,
    ) -> list[Any]:
        context = self.context(types, nullable, restriction, stats or {}, root, **around)
        spec, diagnostics = build_spec(generate_of(text, tuple(t.name for t in context.targets)))
        if spec is None:
            return list(diagnostics)
        found: list[Problem] = list(resolve(spec, stats or {}, variables or {}).check(context))
        return found

    def bound(
        self,
        text: str,
        types: str | list[str] = "text",
        *,
        stats: Mapping[str, Any] | None = None,
        nullable: bool = False,
    ) -> Any:
        """What the spec binds to."""
        assert not self.problems(text, types, stats=stats, nullable=nullable)
        context = self.context(types, nullable, NO_RESTRICTION, stats or {}, Path())
        spec, _ = build_spec(generate_of(text, tuple(t.name for t in context.targets)))
        assert spec is not None
        return resolve(spec, stats or {}, {}).bind(context)

    def columns(
        self,
        text: str,
        types: str | list[str] = "text",
        *,
        rows: int = 1000,
        seed: int = 1,
        stats: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        columns: Mapping[str, Any] | None = None,
        parents: Mapping[str, Any] | None = None,
        nullable: bool = False,
        restriction: Restriction = NO_RESTRICTION,
        root: Path = Path(),
        start: int = 0,
        counts: Sequence[int] | None = None,
        **around: Any,
    ) -> list[pa.Array]:
        assert not self.problems(
            text,
            types,
            stats=stats,
            variables=variables,
            nullable=nullable,
            restriction=restriction,
            root=root,
            **around,
        )
        context = self.context(types, nullable, restriction, stats or {}, root, **around)
        spec, _ = build_spec(generate_of(text, tuple(t.name for t in context.targets)))
        assert spec is not None
        generator = resolve(spec, stats or {}, variables or {}).bind(context)
        made = list(generator.generate(make_batch(rows, seed, columns, parents, start, counts)))
        for array, target in zip(made, context.targets, strict=True):
            assert array.type == arrow_type(target.type)
            assert len(array) == rows
        return made

    def __call__(self, text: str, type_: str = "text", **options: Any) -> list[Any]:
        values: list[Any] = self.columns(text, type_, **options)[0].to_pylist()
        return values


@pytest.fixture
def make() -> Callable[..., Any]:
    return Make()
