"""What may be said of the source: nothing about fewer than `least` people."""

from __future__ import annotations

from collections.abc import Sequence

from ssgproj.report.fidelity.found import Segment

MIN_PEOPLE = 10


def segments(
    counts: Sequence[int], people: Sequence[int], least: int, *, overlapping: bool = False
) -> tuple[Segment, ...]:
    """Neighbouring bins put together until each group has `least` people or no row, as shares of all rows; nothing where that cannot be.

    `counts` are rows, `people` the people they belong to; `overlapping`: one person may be in several bins, so that bins together are only
    known to have as many people as the one of them with most.
    """
    total = sum(counts)
    groups: list[tuple[int, int, int, int]] = []  # first, last, rows, people
    start, rows, held = 0, 0, 0
    for i, (count, heads) in enumerate(zip(counts, people, strict=True)):
        rows, held = rows + count, _together(held, heads, overlapping)
        if held >= least or rows == 0:
            groups.append((start, i, rows, held))
            start, rows, held = i + 1, 0, 0
    if start < len(counts):
        # What is left over is too small: it joins what was before, back to the last group with people.
        first = start
        while groups:
            first, _, more, heads = groups.pop()
            rows, held = rows + more, _together(held, heads, overlapping)
            if held >= least:
                break
        if held < least:
            return ()
        groups.append((first, len(counts) - 1, rows, held))
    return tuple(Segment(a, b, n / total) for a, b, n, _ in groups) if total else ()


def frequent(people: Sequence[int], least: int, *, others: int = 0, overlapping: bool = False) -> list[bool]:
    """Which categories may be shown. Those that may not are told together with `others` people's; if they are too few together, the least
    frequent that could be shown goes with them, or their number could be found by subtraction. `overlapping`: as in `segments`."""
    shown = [p >= least for p in people]
    hidden = others
    for heads, is_shown in zip(people, shown, strict=True):
        if not is_shown:
            hidden = _together(hidden, heads, overlapping)
    while 0 < hidden < least and any(shown):
        smallest = min((i for i, s in enumerate(shown) if s), key=lambda i: people[i])
        shown[smallest] = False
        hidden = _together(hidden, people[smallest], overlapping)
    return shown


def _together(one: int, other: int, overlapping: bool) -> int:
    """How many people two groups have at least."""
    return max(one, other) if overlapping else one + other
