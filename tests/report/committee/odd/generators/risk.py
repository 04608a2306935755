"""Risks."""

FACTOR = 2


def risk(ctx):
    """Risk by age."""
    return ctx.columns["age"] / 100 * FACTOR
