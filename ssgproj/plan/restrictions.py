"""What several restrictions of one column allow together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ssgproj.generators.base import Restriction


def _tighter(a: Any, b: Any, a_open: bool, b_open: bool, pick: Callable[[Any, Any], Any]) -> tuple[Any, bool]:
    if a is None:
        return b, b_open
    if b is None:
        return a, a_open
    if a == b:
        return a, a_open or b_open
    chosen = pick(a, b)
    return chosen, a_open if chosen == a else b_open


def intersect(a: Restriction, b: Restriction) -> Restriction:
    """What both restrictions allow."""
    lower, lower_open = _tighter(a.lower, b.lower, a.lower_open, b.lower_open, max)
    upper, upper_open = _tighter(a.upper, b.upper, a.upper_open, b.upper_open, min)
    values = a.values
    if b.values is not None:
        values = b.values if values is None else tuple(v for v in values if v in b.values)
    lengths = [x for x in (a.min_length, b.min_length) if x is not None]
    longest = [x for x in (a.max_length, b.max_length) if x is not None]
    return replace(
        a,
        lower=lower, lower_open=lower_open, upper=upper, upper_open=upper_open, values=values,
        excluded=tuple(dict.fromkeys((*a.excluded, *b.excluded))),
        min_length=max(lengths) if lengths else None, max_length=min(longest) if longest else None,
        patterns=tuple(dict.fromkeys((*a.patterns, *b.patterns))),
    )  # fmt: skip
