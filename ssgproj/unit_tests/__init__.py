"""Unit tests of a project, offline: statistics over given rows on DuckDB, and the project's own Python under pytest.

Nothing is connected to; what stands in tests is made up by their author, so that values may be shown.
"""
