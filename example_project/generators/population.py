"""Values that Python makes, a row at a time."""

from random import Random

LIFE = 100


def of_age(random: Random, age_bucket: str, most: int = 12_000) -> int:
    """How many thousands of people are of an age: the fewer, the older they are."""
    oldest = int(age_bucket.rstrip("+").split("-")[-1])
    share = max(1 - oldest / LIFE, 0.01)
    return min(max(round(random.gauss(1_600, 500) * share), 1), most)
