"""What all statistics of a project spend together, against the project's budget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssgproj.project.project import PrivacySettings
    from ssgproj.project.stat import Stat

TOLERANCE = 1e-9
"""Sums of decimal fractions are not exact: ten times 0.1 is not over 1.0."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Totals. `spends` are (name, epsilon, delta) of each statistic with differential privacy, most first."""

    epsilon: float
    delta: float
    epsilon_limit: float | None
    delta_limit: float | None
    spends: tuple[tuple[str, float, float], ...]

    @property
    def over_epsilon(self) -> bool:
        return self.epsilon_limit is not None and self.epsilon > self.epsilon_limit * (1 + TOLERANCE)

    @property
    def over_delta(self) -> bool:
        return self.delta_limit is not None and self.delta > self.delta_limit * (1 + TOLERANCE)


def budget(stats: Iterable[Stat], settings: PrivacySettings) -> Budget:
    """Basic composition: the totals of the files, added up."""
    spends = sorted(
        ((s.name, s.epsilon or 0.0, s.delta or 0.0) for s in stats if s.private),
        key=lambda spend: (-spend[1], spend[0]),
    )
    return Budget(sum(s[1] for s in spends), sum(s[2] for s in spends), settings.epsilon, settings.delta, tuple(spends))
