"""The two sentences that turn a typo into an answer: "did you mean" and "expected one of"."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

MAX_LISTED = 30


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` was probably meant to be, or None. Case is ignored; the same word is never suggested."""
    lowered = word.lower()
    best, best_ratio = None, 0.6
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(lowered)
    for candidate in sorted(set(candidates), key=lambda c: (len(c), c)):
        if candidate == word:
            continue
        other = candidate.lower()
        if other == lowered or other.rpartition(".")[2] == lowered:
            return candidate
        matcher.set_seq1(other)
        if matcher.real_quick_ratio() <= best_ratio or matcher.quick_ratio() <= best_ratio:
            continue
        if (ratio := matcher.ratio()) > best_ratio:
            best, best_ratio = candidate, ratio
    return best


def one_of(candidates: Iterable[str], sort: bool = True) -> str:
    """`expected one of: a, b, c`, cut where nobody would read on."""
    words = sorted(candidates) if sort else list(candidates)
    if not words:
        return "nothing is expected here"
    more = f", ... ({len(words) - MAX_LISTED} more)" if len(words) > MAX_LISTED else ""
    return f"expected one of: {', '.join(words[:MAX_LISTED])}{more}"


def suggestion(word: str, candidates: Iterable[str], sort: bool = True) -> str:
    """A hint for a word that is none of the candidates: the closest one, or else all of them."""
    words = list(candidates)
    match = closest(word, words)
    return f"did you mean `{match}`?" if match is not None else one_of(words, sort)
