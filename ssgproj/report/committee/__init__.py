"""The page for the people who decide whether the project may leave: what it took from the source, derived from its files."""
