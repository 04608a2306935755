"""The normal distribution that has a given mean and spread once it is cut at bounds."""

from __future__ import annotations

import math

LEAST_KEPT = 0.05
"""Where less than this is left of the distribution, its shape is another one, and drawing from it is slow."""
_STEPS = 2000
_CLOSE = 1e-9


def fitted(mean: float, std_dev: float, low: float | None, high: float | None) -> tuple[float, float]:
    """The parameters of a normal distribution that has this mean and standard deviation between the bounds.

    The given ones come back where nothing is cut, and where no normal distribution does it: a mean outside the bounds, or a
    spread that is too wide for them.
    """
    a, b = -math.inf if low is None else low, math.inf if high is None else high
    if not (a < mean < b) or not 0 < std_dev < math.inf:
        return mean, std_dev
    mu, sigma = mean, std_dev
    for _ in range(_STEPS):
        kept, m, s = _moments(mu, sigma, a, b)
        if kept < LEAST_KEPT:
            return mean, std_dev
        if abs(m - mean) < _CLOSE * std_dev and abs(s - std_dev) < _CLOSE * std_dev:
            return mu, sigma
        mu += mean - m
        sigma *= std_dev / s
    return mean, std_dev


def _moments(mu: float, sigma: float, a: float, b: float) -> tuple[float, float, float]:
    """How much of a normal distribution is between the bounds, and the mean and standard deviation there."""
    alpha, beta = (a - mu) / sigma, (b - mu) / sigma
    kept = _below(beta) - _below(alpha)
    if kept < LEAST_KEPT:
        return kept, mu, sigma
    shift = (_density(alpha) - _density(beta)) / kept
    edges = (_edge(alpha) - _edge(beta)) / kept
    return kept, mu + sigma * shift, sigma * math.sqrt(max(1 + edges - shift * shift, 1e-12))


def _below(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def _density(x: float) -> float:
    return math.exp(-0.5 * x * x) / math.sqrt(2 * math.pi) if math.isfinite(x) else 0.0


def _edge(x: float) -> float:
    return x * _density(x) if math.isfinite(x) else 0.0
