"""The domains: countable, indexable sets of values, one family per module."""
