"""What the measurements were made on, without what would tell whose it is: no names, no addresses, no paths."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from typing import Any

import psutil

PACKAGES = ("duckdb", "numpy", "pyarrow", "pgpq", "psycopg", "mimesis", "smartnoise-sql")


def describe(postgres_version: str | None) -> dict[str, Any]:
    """Cores that may be used, memory, and versions."""
    from ssgproj import __version__

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = {"ssgproj": __version__}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    if postgres_version:
        versions["PostgreSQL"] = postgres_version
    return {
        "cores": cores,
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "versions": versions,
    }
