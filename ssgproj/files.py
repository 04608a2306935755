"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def replaced_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of `path` at the end, wholly on disk, or leaves it as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_directory(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Write a small file in one step."""
    with replaced_file(path) as file:
        file.write(content)


def sync_directory(directory: Path) -> None:
    """Make new names in a directory survive a power cut, where the platform has a way to ask for it."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def large_files() -> Path:
    """Where large temporary files belong: `TMPDIR` if that is set, else /var/tmp, which is never in memory as /tmp may be."""
    import tempfile

    lasting = Path("/var/tmp")  # noqa: S108 - fresh directories of our own in it
    if "TMPDIR" not in os.environ and lasting.is_dir() and os.access(lasting, os.W_OK | os.X_OK):
        return lasting
    return Path(tempfile.gettempdir())
