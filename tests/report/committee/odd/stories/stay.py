"""Stays."""

from generators.risk import FACTOR
from helpers.names import NAME

from ssgproj.stories import Row, story


@story(count="var.stays", inserts=["stays"], stats=["long_stays"])
def stay(ctx):
    """Somebody </textarea> stays."""
    yield Row("stays", days=FACTOR, ward=NAME)
