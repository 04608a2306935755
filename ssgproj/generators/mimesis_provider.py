"""Calling Mimesis: checked names and arguments, seeded per batch, and cut off from the clock."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar
from zlib import crc32

from ssgproj.errors import SsgError
from ssgproj.generators.base import BindContext, Problem, Reference, Target

if TYPE_CHECKING:
    from random import Random

    import pyarrow as pa
    from mimesis import Generic
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch, Generator

_NOT_VALUES = {
    "get_current_locale",
    "override_locale",
    "reseed",
    "update_dataset",
    "validate_enum",
    "bulk_create_datetimes",
}
_COUNTERS = {"numeric.increment"}


def locale_of(name: str) -> Any:
    """Mimesis's locale of a name such as `en`, `en-gb` or `en_GB`. Raises ValueError."""
    from mimesis import Locale

    return Locale(name.strip().lower().replace("_", "-"))


def locales() -> list[str]:
    """All languages there are."""
    from mimesis import Locale

    return [locale.value for locale in Locale]


def providers() -> Mapping[str, type]:
    """The providers by name."""
    import mimesis  # noqa: F401 - importing it registers the providers
    from mimesis.providers.base import ProviderRegistry

    return {name: kind for name, kind in ProviderRegistry.get_all().items() if name != "generic"}


def methods(provider: type) -> list[str]:
    """The names of a provider's methods that give values."""
    found = inspect.getmembers(provider, callable)
    return [name for name, _ in found if not name.startswith("_") and name not in _NOT_VALUES and name != "Meta"]


def generic(locale: str, seed: int) -> Generic:
    """All providers, seeded; with English where the language is unknown."""
    from mimesis import Generic, Locale

    try:
        return Generic(locale=locale_of(locale), seed=seed)
    except ValueError:
        return Generic(locale=Locale.EN, seed=seed)


@lru_cache(maxsize=8)
def shared_generic(locale: str) -> tuple[Generic, Random]:
    """All providers, drawing from one generator that is given too, so that one seed is enough for all of them. The same objects for every
    caller in a process."""
    from mimesis.providers.base import BaseProvider
    from mimesis.random import Random as MimesisRandom

    made, shared = generic(locale, 0), MimesisRandom()
    seen: set[int] = set()
    waiting: list[Any] = [made, *(getattr(made, name) for name in dir(made))]
    while waiting:
        provider = waiting.pop()
        if isinstance(provider, BaseProvider) and id(provider) not in seen:
            seen.add(id(provider))
            provider.random = shared
            waiting += vars(provider).values()
    return made, shared


def check_method(dotted: str, arguments: Mapping[str, Any], locale: str, now: datetime) -> Iterator[Problem]:
    """Whether provider, method, arguments and language exist."""
    from ssgproj.project.suggest import suggestion

    name, _, method = dotted.partition(".")
    known = providers()
    if not method:
        found = sorted(f"{p}.{name}" for p, kind in known.items() if name in methods(kind))
        hint = f"did you mean `{found[0]}`?" if found else "for example: mimesis: person.full_name"
        yield Problem(f"`{dotted}` is not `provider.method`", "method", hint)
        return
    if name not in known:
        yield Problem(f"Mimesis has no provider `{name}`", "method", suggestion(name, known))
        return
    names = methods(known[name])
    if method not in names:
        yield Problem(f"Mimesis's provider `{name}` has no method `{method}`", "method", suggestion(method, names))
        return
    if dotted in _COUNTERS:
        yield Problem(f"`{dotted}` counts from 1 in every batch", "method", "write `generate: sequence`")
    try:
        locale_of(locale)
    except ValueError:
        yield Problem(f"Mimesis knows no language `{locale}`", "locale", suggestion(locale, locales()))
        return
    problems = list(_check_arguments(known[name], dotted, method, arguments))
    yield from problems
    if problems or any(isinstance(v, Reference) for v in arguments.values()):
        return
    try:
        caller(dotted, arguments, locale, now)(0, 1)
    except SsgError as error:
        yield Problem(error.message, "method", error.hint)


def _check_arguments(provider: type, dotted: str, method: str, arguments: Mapping[str, Any]) -> Iterator[Problem]:
    from ssgproj.project.suggest import suggestion

    parameters = _parameters(provider, method)
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return
    names = [n for n, p in parameters.items() if p.kind is not inspect.Parameter.VAR_POSITIONAL]
    for argument in arguments:
        if argument not in names:
            hint = suggestion(argument, [*names, "pool", "locale"], sort=False)
            yield Problem(f"`{dotted}` takes no argument `{argument}`", argument, hint)
    for name in names:
        if parameters[name].default is inspect.Parameter.empty and name not in arguments:
            yield Problem(
                f"`{dotted}` needs the argument `{name}`", "method", f"write `{{mimesis: {dotted}, {name}: ...}}`"
            )


def _parameters(provider: type, method: str) -> dict[str, inspect.Parameter]:
    static = isinstance(inspect.getattr_static(provider, method), staticmethod)
    parameters = list(inspect.signature(getattr(provider, method)).parameters.items())
    return dict(parameters if static else parameters[1:])


def bind_method(
    dotted: str, arguments: Mapping[str, Any], locale: str, pool: int | None, context: BindContext
) -> Generator:
    """The generator of one column."""
    target = context.targets[0]
    plain = tuple(sorted((k, _hashable(v)) for k, v in arguments.items()))
    if pool is None:
        return MimesisGenerator(target, dotted, plain, locale, context.now)
    seed = context.seed ^ crc32(f"{context.table}.{target.name} {dotted}".encode())
    return MimesisPool(target, dotted, plain, locale, context.now, pool, seed)


def _hashable(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(_hashable, value))
    return tuple(sorted((k, _hashable(v)) for k, v in value.items())) if isinstance(value, Mapping) else value


@dataclass(frozen=True, slots=True)
class MimesisGenerator:
    """A Mimesis method called for every row."""

    per_row: ClassVar[bool] = True
    """Runs Python for every row, so that threads would wait for one another."""

    target: Target
    method: str
    arguments: tuple[tuple[str, Any], ...]
    locale: str
    now: datetime

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        seed = int(batch.rng().integers(0, 2**62))
        call = caller(self.method, dict(self.arguments), self.locale, self.now)
        return [_column(call(seed, batch.rows), self.target, self.method)]


@dataclass(frozen=True, slots=True)
class MimesisPool:
    """Values drawn once, of which each row takes one. Fewer than `pool` where the method has not so many."""

    target: Target
    method: str
    arguments: tuple[tuple[str, Any], ...]
    locale: str
    now: datetime
    pool: int
    seed: int

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        from ssgproj.generators.arrow import taken

        return taken(*self.pick(batch))

    def pick(self, batch: Batch) -> tuple[Sequence[pa.Array], NDArray[Any]]:
        import numpy as np

        values = _pool(self)
        return (values,), batch.rng().integers(0, len(values), batch.rows, dtype=np.int64)


@lru_cache(maxsize=64)
def _pool(generator: MimesisPool) -> pa.Array:
    call = caller(generator.method, dict(generator.arguments), generator.locale, generator.now)
    distinct: dict[str, Any] = {}
    for part in range(3):
        for value in call(generator.seed + part, generator.pool):
            distinct.setdefault(repr(value), value)
        if len(distinct) >= generator.pool or len(distinct) * 4 < generator.pool:
            break
    return _column(list(distinct.values())[: generator.pool], generator.target, generator.method)


def _column(values: list[Any], target: Target, method: str) -> pa.Array:
    import pyarrow as pa

    from ssgproj.generators.values import from_python

    try:
        return from_python(values, target.type)
    except (ValueError, TypeError, pa.ArrowException):
        raise SsgError(
            f"`{method}` makes values that column `{target.name}` of type `{target.type.text}` cannot hold",
            "choose another method",
        ) from None


def caller(dotted: str, arguments: Mapping[str, Any], locale: str, now: datetime) -> Callable[[int, int], list[Any]]:
    """A function of seed and count that gives so many values of a method. Raises SsgError when the method fails."""
    name, _, method = dotted.partition(".")
    provider = providers()[name]
    given = _convert(provider, method, arguments)

    def call(seed: int, count: int) -> list[Any]:
        from mimesis.providers.base import BaseDataProvider

        kind: Any = provider
        made = kind(locale_of(locale), seed=seed) if issubclass(provider, BaseDataProvider) else kind(seed=seed)
        function = getattr(made, method)
        try:
            with frozen_clock(now):
                return [function(**given) for _ in range(count)]
        except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError) as error:
            raise SsgError(
                f"`{dotted}` cannot be called with these arguments: {type(error).__name__}", "look at them"
            ) from None

    return call


def _convert(provider: type, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """YAML's values as the method wants them: lists, and members of enumerations by name or value."""
    try:
        hints = typing.get_type_hints(getattr(provider, method))
    except (NameError, TypeError, AttributeError):
        hints = {}
    converted = {}
    for name, value in arguments.items():
        enums = [
            t
            for t in (hints.get(name), *typing.get_args(hints.get(name)))
            if isinstance(t, type) and issubclass(t, Enum)
        ]
        converted[name] = list(value) if isinstance(value, tuple) else value
        for kind in enums:
            for member in kind:
                if isinstance(value, str) and value.lower() in (member.name.lower(), str(member.value).lower()):
                    converted[name] = member
    return converted


@contextmanager
def frozen_clock(now: datetime) -> Iterator[None]:
    """Let Mimesis believe that it is `now`, in UTC: some of its methods and defaults ask the clock, which would change the rows every
    day. What it keeps in sets stays in order."""
    import mimesis.providers.date as dates
    from mimesis.providers import choice, cryptographic, development, internet, person

    naive = now.replace(tzinfo=None)

    class Moment(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return naive if tz is None else naive.replace(tzinfo=tz)

        @classmethod
        def today(cls) -> Any:
            return naive

        def timestamp(self) -> float:
            """In UTC, not in the zone of the machine."""
            return super(Moment, self if self.tzinfo else self.replace(tzinfo=UTC)).timestamp()

    class Day(date):
        @classmethod
        def today(cls) -> Any:
            return naive.date()

    clock = SimpleNamespace(time=(naive - datetime(1970, 1, 1)).total_seconds)
    replaced: list[tuple[Any, str, Any]] = []
    for module in (dates, person, development, cryptographic):
        for name, substitute, original in (("datetime", Moment, datetime), ("date", Day, date)):
            if getattr(module, name, None) is original:
                replaced.append((module, name, original))
                setattr(module, name, substitute)
    if hasattr(clocks := getattr(cryptographic, "time", None), "time"):
        replaced.append((cryptographic, "time", clocks))
        setattr(cryptographic, "time", clock)  # noqa: B010 - the module does not export it
    for module in (choice, internet):
        # Sets of texts have another order in each process.
        replaced.append((module, "set", None))
        setattr(module, "set", _OrderedSet)  # noqa: B010 - hides the built-in
    year = getattr(dates.Datetime, "_CURRENT_YEAR", None)
    for function in vars(dates.Datetime).values():
        defaults = getattr(function, "__defaults__", None)
        if year is not None and defaults and year in defaults:
            replaced.append((function, "__defaults__", defaults))
            function.__defaults__ = tuple(naive.year if d == year and type(d) is int else d for d in defaults)
    try:
        yield
    finally:
        for owner, name, original in reversed(replaced):
            if original is None:
                delattr(owner, name)
            else:
                setattr(owner, name, original)


class _OrderedSet(dict[Any, None]):
    """As much of a set as Mimesis uses, in the order of insertion."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        super().__init__(dict.fromkeys(items))

    def add(self, item: Any) -> None:
        self[item] = None
