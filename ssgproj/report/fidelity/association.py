"""How strongly pairs of columns go together, from a sample of rows. Needs scipy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVELS = 12
"""So many values of a category are told apart; the others count as one."""
LEAST_ROWS = 30
"""Fewer rows with both values say nothing about a pair."""


def associations(
    columns: Mapping[str, NDArray[Any]],
    measured: Mapping[str, bool],
    people: NDArray[Any] | None = None,
    least: int = 0,
) -> dict[tuple[str, str], float]:
    """The association of every pair. Measured columns are numbers with NaN where there is none, others codes from 0 with −1 there. A pair whose
    rows belong to fewer than `least` of the `people` is left out.

    Cramér's V and the correlation ratio are corrected for what chance alone would give with so few rows.
    """
    import numpy as np
    from scipy.stats import rankdata

    prepared: dict[str, NDArray[np.float64]] = {}
    for name, values in columns.items():
        if measured[name]:
            ranks = np.full(len(values), np.nan)
            there = ~np.isnan(values)
            ranks[there] = rankdata(values[there]) if there.any() else 0.0
            prepared[name] = ranks
        else:
            prepared[name] = np.where(values < 0, np.nan, values.astype(np.float64))
    found = {}
    names = list(columns)
    for i, one in enumerate(names):
        for other in names[:i]:
            both = ~(np.isnan(prepared[one]) | np.isnan(prepared[other]))
            if both.sum() < LEAST_ROWS or (people is not None and not _enough(people[both], least)):
                continue
            value = _pair(prepared[other][both], prepared[one][both], measured[other], measured[one])
            if value is not None:
                found[other, one] = value
    return found


def _enough(people: NDArray[Any], least: int) -> bool:
    import numpy as np

    return len(np.unique(people[:1000])) >= least or len(np.unique(people)) >= least


def _pair(
    one: NDArray[np.float64], other: NDArray[np.float64], one_measured: bool, other_measured: bool
) -> float | None:
    if one_measured and other_measured:
        return _correlation(one, other)
    if one_measured:
        return _ratio(other, one)
    if other_measured:
        return _ratio(one, other)
    return _cramers_v(one, other)


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    """Pearson's correlation of ranks, which is Spearman's."""
    import numpy as np

    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one @ one) * (other @ other)))
    return float(np.clip(one @ other / scale, -1, 1)) if scale > 0 else None


def _ratio(groups: NDArray[np.float64], ranks: NDArray[np.float64]) -> float | None:
    """The correlation ratio: which share of the spread of ranks lies between groups, adjusted as in an analysis of variance."""
    import numpy as np

    codes = groups.astype(np.int64)
    counts = np.bincount(codes)
    present = counts > 0
    means = np.bincount(codes, weights=ranks)[present] / counts[present]
    total = float(((ranks - ranks.mean()) ** 2).sum())
    between = float((counts[present] * (means - ranks.mean()) ** 2).sum())
    rows, levels = len(ranks), int(present.sum())
    if total <= 0 or levels < 2 or rows <= levels:
        return None
    adjusted = 1 - (1 - between / total) * (rows - 1) / (rows - levels)
    return float(np.sqrt(min(max(adjusted, 0.0), 1.0)))


def _cramers_v(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    """Cramér's V with Bergsma's correction."""
    import numpy as np
    from scipy.stats import chi2_contingency
    from scipy.stats.contingency import crosstab

    counts = crosstab(one, other).count
    height, width = counts.shape
    if height < 2 or width < 2:
        return None
    rows = counts.sum()
    phi = chi2_contingency(counts, correction=False).statistic / rows
    phi = max(phi - (height - 1) * (width - 1) / (rows - 1), 0.0)
    height, width = height - (height - 1) ** 2 / (rows - 1), width - (width - 1) ** 2 / (rows - 1)
    least = min(height, width) - 1
    return float(np.sqrt(min(phi / least, 1.0))) if least > 0 else None


def codes(texts: Any, levels: Sequence[str]) -> NDArray[np.int64]:
    """Each text of an Arrow array as its place among the levels, those of no level as one more, NULL as −1."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    place = (
        pc.index_in(texts, value_set=pa.array(levels, pa.string()))
        .fill_null(len(levels))
        .to_numpy(zero_copy_only=False)
    )
    return np.where(texts.is_valid().to_numpy(zero_copy_only=False), place, -1).astype(np.int64)
