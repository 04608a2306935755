"""Standard distances, from 0 (the same) to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MISSING_SCIPY = ("`scipy` is not installed, so there are no correlations and no Kolmogorov–Smirnov distances to the source",
                 "pip install 'ssgproj[report]'")  # fmt: skip


def has_scipy() -> bool:
    """Whether the extra `report` is installed."""
    try:
        return find_spec("scipy") is not None
    except ModuleNotFoundError:
        return False


def total_variation(one: Sequence[float], other: Sequence[float]) -> float:
    """Half of the sum of differences between two distributions over the same values: the share that would have to change."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 2


def at_edges(one: Sequence[float], other: Sequence[float]) -> float:
    """The Kolmogorov–Smirnov distance of two distributions over the same cells: the greatest difference of their sums up to an edge."""
    import numpy as np

    return float(np.max(np.abs(np.cumsum(one) - np.cumsum(other)), initial=0.0))


def kolmogorov_smirnov(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The greatest difference between the cumulative distributions of two samples. Needs scipy."""
    from scipy.stats import ks_2samp

    return float(ks_2samp(one, other, method="asymp").statistic)


def moments(found: Mapping[str, float], wanted: Mapping[str, float]) -> float | None:
    """The greater of two differences: of the means, in standard deviations, and of the standard deviations, as a share of the wanted one.

    Names in both are `mean` and `std_dev`. None where nothing can be compared.
    """
    distances = []
    spread = wanted.get("std_dev") or found.get("std_dev")
    if "mean" in wanted and "mean" in found:
        difference = abs(found["mean"] - wanted["mean"])
        scale = spread or abs(wanted["mean"])
        distances.append(difference / scale if scale else float(difference > 0))
    if wanted.get("std_dev", 0) > 0 and "std_dev" in found:
        distances.append(abs(found["std_dev"] / wanted["std_dev"] - 1))
    return min(max(distances), 1.0) if distances else None


def repeated(values: Any, counts: Any, limit: int = 500_000) -> NDArray[np.float64]:
    """Values as often as they were counted; of more than `limit` an even selection."""
    import numpy as np

    values, counts = np.asarray(values, np.float64), np.asarray(counts, np.int64)
    total = int(counts.sum())
    if total <= limit:
        return np.repeat(values, counts)
    at = np.linspace(0, total - 1, limit).astype(np.int64)
    chosen: NDArray[np.float64] = values[np.searchsorted(np.cumsum(counts), at, side="right")]
    return chosen
