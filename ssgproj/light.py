"""Keeping start-up light."""

from __future__ import annotations

import sys


class _Blocked:
    """A finder that says pandas is not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def without_pandas() -> None:
    """Keep pyarrow from importing pandas in this process.

    pyarrow looks for pandas at the first conversion of Python values, which takes longer than planning a thousand tables, and ssg's engine
    never needs it. Does nothing where pandas is loaded already.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    sys.meta_path.insert(0, _Blocked)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_Blocked)
