"""What tells one plan from another: a hash of everything that rows depend on, the same in every process and on every machine.

Where things stand in files and how the project's directory is called plays no part; the contents of vocabularies and of the project's
Python do.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pickle
import re
from collections.abc import Mapping, Sequence, Set
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ssgproj.diagnostics import Location

if TYPE_CHECKING:
    from ssgproj.plan.plan import Plan

LIBRARIES = ("ssgproj", "numpy", "pyarrow", "duckdb", "mimesis")
"""Values come from these, so machines that work together must have the same."""


def fingerprint(plan: Plan) -> str:
    """The hash of a plan, 32 hexadecimal digits."""
    meaning = _Meaning(plan.root)
    digest = hashlib.blake2b(digest_size=16)
    digest.update(meaning.of((plan.seed, plan.dialect, plan.default_schema)))
    digest.update(meaning.of((plan.tables, plan.vocabularies, plan.stories, plan.order, plan.selected)))
    for file in _files(plan):
        digest.update(file.relative_to(plan.root).as_posix().encode())
        digest.update(hashlib.blake2b(file.read_bytes()).digest())
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """The versions of what makes values, on this machine."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "?"
    return found


def _files(plan: Plan) -> list[Path]:
    """The files of the project that rows are made from, beside those that the plan holds."""
    from ssgproj.vocabularies import vocabulary_files

    found = [f for m in plan.vocabularies.values() for f in vocabulary_files(plan.root, m) if f.is_file()]
    for directory, below, names in os.walk(plan.root):
        below[:] = [d for d in below if not d.startswith(".") and d not in ("target", "tests", "__pycache__")]
        if "pyvenv.cfg" in names:
            below.clear()
            continue
        found += [Path(directory, name) for name in names if name.endswith(".py")]
    return sorted(found)


class _Meaning:
    """Digests of values by what they are, not by where they are in memory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def of(self, value: Any) -> bytes:
        digest = hashlib.blake2b(digest_size=16)
        digest.update(f"{type(value).__module__}.{type(value).__qualname__}\n".encode())
        for part in self._parts(value):
            digest.update(part)
        return digest.digest()

    def _parts(self, value: Any) -> list[bytes]:
        import numpy as np
        import pyarrow as pa

        match value:
            case None | bool() | int() | float() | str() | bytes():
                return [repr(value).encode()]
            case Location():
                return []
            case Enum():
                return [value.name.encode()]
            case Path():
                inside = value.is_relative_to(self.root)
                return [(value.relative_to(self.root) if inside else value).as_posix().encode()]
            case re.Pattern():
                return [repr((value.pattern, value.flags)).encode()]
            case FunctionType() | BuiltinFunctionType() | type():
                return [f"{value.__module__}.{value.__qualname__}".encode()]
            case ModuleType():
                return [value.__name__.encode()]
            case np.ndarray():
                if value.dtype == object:
                    return [repr(value.shape).encode(), self.of(value.tolist())]
                return [f"{value.dtype}{value.shape}".encode(), value.tobytes()]
            case pa.Array() | pa.ChunkedArray() | pa.Table() | pa.RecordBatch():
                schema = value.schema if isinstance(value, pa.Table | pa.RecordBatch) else value.type
                return [str(schema).encode(), self.of(value.to_pylist())]
            case pa.DataType():
                return [str(value).encode()]
            case Mapping():
                return sorted(self.of(k) + self.of(v) for k, v in value.items())
            case Set():
                return sorted(self.of(v) for v in value)
            case Sequence():
                return [self.of(v) for v in value]
        if dataclasses.is_dataclass(value):
            fields = [f.name for f in dataclasses.fields(value) if not f.name.startswith("_")]
            return [name.encode() + self.of(getattr(value, name)) for name in fields]
        if hasattr(value, "__dict__"):
            return [k.encode() + self.of(v) for k, v in sorted(vars(value).items()) if not k.startswith("_")]
        return [pickle.dumps(value, protocol=4)]  # dates, decimals and the like
