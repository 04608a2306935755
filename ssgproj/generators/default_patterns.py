"""Default domains of texts that constraints restrict by patterns or by bounds."""

from __future__ import annotations

from typing import Any

from ssgproj.generators.base import Target
from ssgproj.generators.domain import MAX_SIZE, Domain
from ssgproj.generators.domains.regex import regex_domain
from ssgproj.generators.domains.texts import ALPHANUMERIC, StringDomain, listed

_REPEATS = (8, 64)
_UNIQUE_LENGTH = 12


def pattern_domain(target: Target, shortest: int, longest: int | None, unique: bool) -> Domain | None:
    """Texts in which every pattern is found; or, without patterns, texts between two others."""
    restriction = target.restriction
    if not restriction.patterns:
        return between(target, shortest, longest)
    best: Domain | None = None
    excluded = [v for v in restriction.excluded if isinstance(v, str)]
    # Texts that are nothing but the pattern look best; where there are none, or too few, others may stand around it.
    for search in (False, True):
        for repeat in _REPEATS:
            domain = regex_domain(
                restriction.patterns, repeat, min_length=max(shortest, 0), max_length=longest,
                search=search, fold=unique, excluded=excluded,
            )  # fmt: skip
            if domain is not None and (best is None or domain.size > best.size):
                best = domain
            if best is not None and (not unique or best.size >= MAX_SIZE):
                return best
        if best is not None and best.size > 10**6:
            return best
    return best


def between(target: Target, shortest: int, longest: int | None) -> Domain | None:
    """Texts in the order of their characters' codes: what begins with the lower bound and goes on is above it."""
    restriction = target.restriction
    lower, upper = _text(restriction.lower), _text(restriction.upper)
    if lower is not None and lower == upper:
        return listed([lower], target.type) if not (restriction.lower_open or restriction.upper_open) else None
    for prefix in _prefixes(lower, upper):
        room = _UNIQUE_LENGTH if longest is None else min(_UNIQUE_LENGTH, longest - len(prefix))
        if room >= 1:
            length = max(room, shortest - len(prefix))
            low = 1 if not target.type.fixed and shortest <= len(prefix) + 1 and longest is not None else length
            return StringDomain(low, length, ALPHANUMERIC, prefix)
    kept = [
        text
        for text, is_open in ((lower, restriction.lower_open), (upper, restriction.upper_open))
        if text is not None and not is_open and shortest <= len(text) and (longest is None or len(text) <= longest)
    ]
    if not kept and lower is not None and longest is not None and len(lower) == longest:
        kept = [sign for sign in ALPHANUMERIC if lower < sign and (upper is None or sign < upper)]
    return listed(kept, target.type) if kept else None


def _prefixes(lower: str | None, upper: str | None) -> list[str]:
    """Beginnings such that every text that goes on from them lies strictly between the bounds."""
    candidates = [*ALPHANUMERIC, *(c.upper() for c in ALPHANUMERIC)]
    if lower:
        candidates = [*candidates, lower]
    result = []
    for prefix in candidates:
        above = lower is None or prefix > lower or prefix == lower
        below = upper is None or (prefix < upper and not upper.startswith(prefix))
        if above and below:
            result.append(prefix)
    return result


def _text(bound: Any) -> str | None:
    return None if bound is None else str(bound)
