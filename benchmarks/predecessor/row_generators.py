"""Row generators for SqlSynthGen 0.4.2: what the example's models say, in the cheapest Python there is. Run by Python 3.9 or 3.10."""

import datetime as dt
import random

_FIRST = dt.date(2010, 1, 1)
_DAYS = (dt.date(2014, 6, 30) - _FIRST).days


def weighted(values, weights):
    return random.choices(values, weights)[0]


def dates():
    """When the account was made, when it was first active, and the first booking, which most do not have."""
    created = _FIRST + dt.timedelta(days=random.randint(0, _DAYS))
    active = dt.datetime.combine(created, dt.time()) + dt.timedelta(seconds=random.randint(0, 86_400))
    booking = None if random.random() < 0.58 else created + dt.timedelta(days=random.randint(0, 365))
    return created, active, booking


def age():
    return None if random.random() < 0.42 else min(max(round(random.gauss(37, 13)), 0), 100)


def seconds():
    return None if random.random() < 0.013 else min(round(random.lognormvariate(6.9, 2.1)), 1_800_000)
