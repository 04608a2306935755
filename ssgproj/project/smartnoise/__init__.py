"""SmartNoise's SQL: the second half of a statistic, read exactly as SmartNoise reads it.

`parse` never fails: it returns the query's tree and what stands in the way, each with its place. SmartNoise's grammar is small, and
differs from every dialect in ways a general parser forgives (aliases without AS, doubled quotes, `1e5`); reading it with that grammar is
what makes the rules an allow-list.
"""
