"""How much is measured: `tiny` for the tests of the benchmarks themselves, `quick`, the default, and `full`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows are those of `users`, with as many of `sessions`, unless said."""

    repeat: int
    predecessor: tuple[int, ...]
    predecessor_defaults: bool
    """Whether it is also run with nothing declared."""
    predecessor_stories: tuple[int, ...]
    predecessor_large: int
    """The size at which ssg's rows a second are held against the predecessor's."""
    limit: int
    batches: int
    """Batches of 65,536 values of each generator."""
    growth: tuple[int, ...]
    """Rows of both tables together."""
    stats: tuple[int, ...]
    startup: int
    """Repetitions of each command's start-up."""


SIZES = {
    "tiny": Sizes(1, (), False, (), 1_000, 2_000, 1, (2_000,), (2_000,), 1),
    "quick": Sizes(1, (250,), False, (20,), 50_000, 100_000, 2, (10_000, 100_000), (100_000,), 1),
    "default": Sizes(3, (1_000, 5_000), True, (200,), 500_000, 500_000, 5, (10_000, 100_000, 1_000_000), (1_000_000,), 5),
    "full": Sizes(
        5, (1_000, 5_000, 20_000), True, (1_000,), 500_000, 1_000_000, 10, (10_000, 100_000, 1_000_000, 10_000_000),
        (1_000_000, 10_000_000), 9,
    ),
}  # fmt: skip
