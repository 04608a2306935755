"""How a function of the project is called: its parameters, and what each of them gets.

The same assignment is made twice: when the project is compiled, from the text of the function's file, and when rows are made, from the
function itself.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ssgproj.generators.python_annotations import ANYTHING, CONTEXTS, Hint, read_hint

CONTEXT = "ctx"
GIVEN_BY_SSG = (CONTEXT, "generic", "random", "numpy")
"""Parameters of these names are filled by ssg where no argument has their name."""


class Kind(Enum):
    """How an argument reaches a parameter."""

    POSITIONAL_ONLY = 0
    POSITIONAL_OR_KEYWORD = 1
    VAR_POSITIONAL = 2
    KEYWORD_ONLY = 3
    VAR_KEYWORD = 4


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `default` is known of functions, not of texts."""

    name: str
    kind: Kind
    required: bool
    hint: Hint = ANYTHING
    annotated: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Argument:
    """What a parameter gets: the argument of YAML called `given`, something of ssg's own (`ssg`), or its own default."""

    name: str
    given: str | None = None
    ssg: str | None = None
    default: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call: arguments by position, then those by name. `spread` is the argument whose items are further positions."""

    positional: tuple[Argument, ...] = ()
    named: tuple[Argument, ...] = ()
    spread: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call cannot be made. `argument` is one that was given and should not have been."""

    message: str
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of one function, in order."""

    parameters: tuple[Parameter, ...]

    def parameter(self, name: str) -> Parameter | None:
        """What takes an argument of this name by name; None also where `**` does."""
        found = next((p for p in self.parameters if p.name == name), None)
        return None if found is None or found.kind is Kind.VAR_KEYWORD else found

    @property
    def names(self) -> tuple[str, ...]:
        """The names that arguments may have."""
        return tuple(p.name for p in self.parameters if p.kind is not Kind.VAR_KEYWORD and p.name != CONTEXT)

    def hint(self, name: str) -> Hint:
        found = self.parameter(name)
        return found.hint if found is not None and found.kind is not Kind.VAR_POSITIONAL else ANYTHING

    @property
    def context_parameter(self) -> str | None:
        """The parameter that is the context by its name or its annotation."""
        single = [p for p in self.parameters if p.kind not in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)]
        named = [p.name for p in single if p.hint.context] or [p.name for p in single if p.name == CONTEXT]
        return named[0] if named else None

    def assign(self, given: Sequence[str], extra: Sequence[str] = ()) -> tuple[Call, list[Fault]]:
        """The call with arguments of these names, and what is wrong with it. `extra` are further names that ssg fills."""
        filled = {*GIVEN_BY_SSG, *extra}
        context = self._context(given, filled)
        keywords = next((p for p in self.parameters if p.kind is Kind.VAR_KEYWORD), None)
        unknown = [n for n in given if self.parameter(n) is None and keywords is None]
        faults = [Fault(f"takes no argument `{name}`", name) for name in unknown]
        positional: list[Argument] = []
        named: list[Argument] = []
        spread = None
        gap: list[Parameter] = []
        for p in self.parameters:
            if p.kind is Kind.VAR_KEYWORD:
                named += [Argument(n, given=n) for n in given if self.parameter(n) is None]
                continue
            if p.kind is Kind.VAR_POSITIONAL:
                if p.name in given:
                    spread = p.name
                elif context is None and not positional and not gap:
                    positional.append(Argument(p.name, ssg=CONTEXT))
                continue
            argument = self._argument(p, given, context, filled)
            if argument is None:
                if p.required:
                    faults.append(Fault(f"needs the argument `{p.name}`"))
                if p.kind is not Kind.KEYWORD_ONLY:
                    gap.append(p)
            elif p.kind is Kind.KEYWORD_ONLY or (gap and p.kind is Kind.POSITIONAL_OR_KEYWORD):
                named.append(argument)
            else:
                positional += [Argument(g.name, default=g.default) for g in gap]
                positional.append(argument)
                gap = []
        if spread is not None and (gap or any(self._by_position(a.name) for a in named)):
            # Further positions come behind all others, so that none may be left out.
            before = {a.name: a for a in (*positional, *named)}
            places = [p for p in self.parameters if p.kind in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)]
            positional = [before.get(p.name, Argument(p.name, default=p.default)) for p in places]
            named = [a for a in named if not self._by_position(a.name)]
        return Call(tuple(positional), tuple(named), spread), faults

    def _by_position(self, name: str) -> bool:
        found = self.parameter(name)
        return found is not None and found.kind is Kind.POSITIONAL_OR_KEYWORD

    def _argument(self, p: Parameter, given: Sequence[str], context: str | None, filled: set[str]) -> Argument | None:
        if p.name in given:
            return Argument(p.name, given=p.name)
        if p.name == context:
            return Argument(p.name, ssg=CONTEXT)
        return Argument(p.name, ssg=p.name) if p.name in filled and p.name != CONTEXT else None

    def _context(self, given: Sequence[str], filled: set[str]) -> str | None:
        """The parameter that gets the context: by name, by annotation, else a first one that nothing else fills."""
        said = self.context_parameter
        if said is not None:
            return None if said in given else said
        first = next((p for p in self.parameters), None)
        if first is None or first.kind not in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD):
            return None
        free = first.required and not first.annotated and first.name not in given and first.name not in filled
        return first.name if free else None


_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: Kind.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD: Kind.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL: Kind.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY: Kind.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD: Kind.VAR_KEYWORD,
}


def signature_of_text(arguments: ast.arguments) -> Signature:
    """The signature that a `def` or a `lambda` writes."""
    places = [
        *((a, Kind.POSITIONAL_ONLY) for a in arguments.posonlyargs),
        *((a, Kind.POSITIONAL_OR_KEYWORD) for a in arguments.args),
    ]
    needed = len(places) - len(arguments.defaults)
    found = [_of_text(a, kind, i < needed) for i, (a, kind) in enumerate(places)]
    if arguments.vararg:
        found.append(_of_text(arguments.vararg, Kind.VAR_POSITIONAL, False))
    for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(_of_text(a, Kind.KEYWORD_ONLY, default is None))
    if arguments.kwarg:
        found.append(_of_text(arguments.kwarg, Kind.VAR_KEYWORD, False))
    return Signature(tuple(found))


def _of_text(node: ast.arg, kind: Kind, required: bool) -> Parameter:
    return Parameter(node.arg, kind, required, read_hint(node.annotation), node.annotation is not None)


def signature_of(function: Callable[..., Any], text: Signature | None) -> Signature:
    """The signature of a function. `text` is that of its `def`, which tells what a wrapper of `(*args, **kwargs)` hides."""
    try:
        parameters: Mapping[str, inspect.Parameter] = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return text or Signature(())
    if text is not None and {p.kind for p in parameters.values()} == {
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.VAR_KEYWORD,
    }:
        return text
    found = []
    for p in parameters.values():
        empty = p.default is inspect.Parameter.empty
        found.append(
            Parameter(
                p.name, _KINDS[p.kind], empty, _hint_of(p.annotation), p.annotation is not inspect.Parameter.empty,
                None if empty else p.default,
            )
        )  # fmt: skip
    return Signature(tuple(found))


def _hint_of(annotation: Any) -> Hint:
    """Of an annotation at run time only the contexts matter: values were read when the project was compiled."""
    said = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return next((Hint(context=c) for c in CONTEXTS if said.rpartition(".")[2].strip("'\" ") == c), ANYTHING)
