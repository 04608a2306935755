"""What may be said of the source: nothing about fewer than `least` people."""

from __future__ import annotations

from collections.abc import Sequence

from ssgproj.report.fidelity.found import Segment

MIN_PEOPLE = 10


def segments(counts: Sequence[int], people: Sequence[int], least: int) -> tuple[Segment, ...]:
    """Neighbouring bins put together until each group has `least` people or none, as shares of all rows. Nothing at all where there are not
    enough people for one group. `counts` are rows, `people` the people they belong to."""
    total = sum(counts)
    if not total or sum(people) < least:
        return ()
    groups: list[tuple[int, int, int, int]] = []  # first, last, rows, people
    start, rows, held = 0, 0, 0
    for i, (count, heads) in enumerate(zip(counts, people, strict=True)):
        rows, held = rows + count, held + heads
        if held >= least or rows == 0:
            groups.append((start, i, rows, held))
            start, rows, held = i + 1, 0, 0
    if start < len(counts):
        # What is left over is too small: it joins what was before, back to the last group with people.
        first = start
        while groups:
            first, _, more, heads = groups.pop()
            rows, held = rows + more, held + heads
            if held >= least:
                break
        groups.append((first, len(counts) - 1, rows, held))
    return tuple(Segment(a, b, n / total) for a, b, n, _ in groups)


def frequent(people: Sequence[int], least: int) -> list[bool]:
    """Which categories may be shown. Those that may not are told together; if they are too few together, the least frequent that could be
    shown goes with them, or their number could be found by subtraction."""
    shown = [p >= least for p in people]
    hidden = sum(p for p, s in zip(people, shown, strict=True) if not s)
    while 0 < hidden < least and any(shown):
        smallest = min((i for i, s in enumerate(shown) if s), key=lambda i: people[i])
        shown[smallest] = False
        hidden += people[smallest]
    return shown
