"""Default domains of everything that is carried as text, and of binaries."""

from __future__ import annotations

from functools import lru_cache

from ssgproj.generators.base import BindContext, Target
from ssgproj.generators.domain import Domain
from ssgproj.generators.domains import identifiers
from ssgproj.generators.domains.numbers import INTEGER, IntegerDomain
from ssgproj.generators.domains.texts import BinaryDomain, JoinedDomain, ListedDomain, StringDomain, listed
from ssgproj.generators.domains.words import WORDS
from ssgproj.project.types import Kind, SqlType

_TEXT = SqlType(Kind.STRING, "text")
_UNIQUE_LENGTH = 12
"""Characters of a unique text: 36**12 is more than 2**62."""
_SHORT = 9


def text_domain(target: Target, rows: int, unique: bool, context: BindContext) -> Domain | None:
    """Readable words; unique texts are lower-case letters and digits."""
    t = target.type
    match t.kind:
        case Kind.STRING:
            return string_domain(target, unique)
        case Kind.ENUM if t.labels:
            return _labels(target)
        case Kind.UUID:
            return identifiers.UuidDomain()
        case Kind.BINARY:
            return _binary(target, unique)
        case Kind.BIT:
            return identifiers.bit_strings(t.length or 62, t.fixed or t.length is None)
    from ssgproj.generators import default_documents

    return default_documents.document_domain(target, rows, unique, context)


def string_domain(target: Target, unique: bool) -> Domain | None:
    """Texts for a character column, within its length and its restriction."""
    t, restriction = target.type, target.restriction
    longest = min((n for n in (t.length, restriction.max_length) if n is not None), default=None)
    shortest = restriction.min_length or 0
    if t.fixed and longest is not None and not restriction.patterns:
        shortest = max(shortest, longest if restriction.max_length is None else min(longest, restriction.max_length))
    if longest is not None and (longest < shortest or longest < 0):
        return None
    if restriction.patterns or restriction.lower is not None or restriction.upper is not None:
        from ssgproj.generators.default_patterns import pattern_domain

        return pattern_domain(target, shortest, longest, unique)
    if longest == 0:
        return listed([""], _TEXT)
    if not unique:
        words = _words(shortest, longest, t.fixed)
        if words is not None:
            return words
    # Never the empty text: some databases read it as NULL.
    length = min(max(_UNIQUE_LENGTH, shortest), longest) if longest is not None else max(_UNIQUE_LENGTH, shortest)
    if length < _UNIQUE_LENGTH and shortest < length:
        return StringDomain(max(shortest, 1), length)
    return StringDomain(length, length)


def _words(shortest: int, longest: int | None, fixed: bool) -> Domain | None:
    if fixed and shortest > max(map(len, WORDS)):
        return None
    widest = max(map(len, WORDS))
    for count in (3, 2):
        fits = longest is None or count * widest + count - 1 <= longest
        if fits and count * min(map(len, WORDS)) + count - 1 >= shortest and not fixed:
            return phrase(count)
    chosen = [w for w in WORDS if shortest <= len(w) and (longest is None or len(w) <= longest)]
    return listed(chosen, _TEXT) if len(chosen) >= _SHORT else None


@lru_cache(maxsize=64)
def words(chosen: tuple[str, ...] = WORDS) -> ListedDomain:
    """Single words."""
    return listed(chosen, _TEXT)


def phrase(count: int, separator: str = " ") -> JoinedDomain:
    """Several words with a separator between them."""
    parts: list[str | Domain] = [words()]
    for _ in range(count - 1):
        parts += [separator, words()]
    return JoinedDomain(tuple(parts))


def whole_numbers(start: int, size: int) -> IntegerDomain:
    """Whole numbers, to be joined into texts."""
    return IntegerDomain(start, size, INTEGER)


def _labels(target: Target) -> Domain | None:
    from ssgproj.generators.fits import fits

    kept = [label for label in target.type.labels if fits(label, target)]
    return listed(kept, target.type) if kept else None


def _binary(target: Target, unique: bool) -> Domain | None:
    t, restriction = target.type, target.restriction
    longest = min((n for n in (t.length, restriction.max_length) if n is not None), default=None)
    shortest = restriction.min_length or 0
    if longest is not None and longest < shortest:
        return None
    if t.fixed and t.length is not None:
        return BinaryDomain(t.length)
    length = max(8, shortest)
    return BinaryDomain(length if longest is None else min(length, longest))
